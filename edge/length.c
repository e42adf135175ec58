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

static bool is_empty(str line)
{
	return line.len == 0 || str_eq(line, STR("\r"));
}

bool edge_length_is_ambiguous(str head)
{
	str line;
	int lengths = 0;

	/* RFC 9112 2.2: an empty line before the request line is passed over, by h2o too. */
	while (str_cut(head, '\n', &line, &head) && is_empty(line))
		;
	while (str_cut(head, '\n', &line, &head) && !is_empty(line))
		lengths += counts(line);
	return lengths > 1;
}
