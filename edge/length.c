#include "edge/length.h"

static bool counts(str line)
{
	str name, value;

	if (!str_cut(line, ':', &name, &value))
		return false;
	name = str_trim(name);
	return str_eq_nocase(name, STR("content-length")) ||
	       str_eq_nocase(name, STR("transfer-encoding"));
}

bool edge_length_is_ambiguous(str head)
{
	str line;
	int lengths = 0;

	while (str_cut(head, '\n', &line, &head)) {
		if (line.len == 0 || str_eq(line, STR("\r")))
			break;
		lengths += counts(line);
	}
	return lengths > 1;
}
