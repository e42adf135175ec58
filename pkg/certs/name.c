#include "certs/name.h"

#include <arpa/inet.h>
#include <string.h>

enum { MAX_LABEL = 63 };

bool certs_name_is_address(str name)
{
	char            text[INET6_ADDRSTRLEN];
	struct in6_addr any;

	if (name.len >= sizeof text || str_find(name, '\0') >= 0)
		return false;
	memcpy(text, name.ptr, name.len);
	text[name.len] = '\0';
	return inet_pton(AF_INET, text, &any) == 1 || inet_pton(AF_INET6, text, &any) == 1;
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_label(str label)
{
	if (label.len == 0 || label.len > MAX_LABEL || label.ptr[0] == '-' ||
	    label.ptr[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!is_letter_or_digit(label.ptr[i]) && label.ptr[i] != '-' && label.ptr[i] != '_')
			return false;
	return true;
}

bool certs_name_is_valid(str name)
{
	str label, last = {0};

	if (certs_name_is_address(name))
		return true;
	if (name.len == 0 || name.len > CERTS_MAX_NAME)
		return false;
	while (str_cut(name, '.', &label, &name))
		if (!is_label(label))
			return false;
	last = name;
	/* What ends in a number would be taken for an address, as 10.0.0.256 is none. */
	for (size_t i = 0; i < last.len; i++)
		if (last.ptr[i] < '0' || last.ptr[i] > '9')
			return is_label(last);
	return false;
}
