#include "base/str.h"

#include <string.h>

str str_c(const char *s)
{
	return (str){s, s ? strlen(s) : 0};
}

bool str_eq(str a, str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Not strncasecmp(): that one stops at a NUL and follows the locale. */
bool str_eq_nocase(str a, str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (to_lower(a.ptr[i]) != to_lower(b.ptr[i]))
			return false;
	return true;
}

bool str_starts(str s, str prefix)
{
	return s.len >= prefix.len && str_eq((str){s.ptr, prefix.len}, prefix);
}

bool str_ends(str s, str suffix)
{
	return s.len >= suffix.len && str_eq(str_from(s, s.len - suffix.len), suffix);
}

ptrdiff_t str_find(str s, char c)
{
	const char *p = s.len ? memchr(s.ptr, c, s.len) : NULL;

	return p ? p - s.ptr : -1;
}

bool str_cut(str s, char sep, str *out_head, str *out_tail)
{
	ptrdiff_t at = str_find(s, sep);

	if (at < 0)
		return false;
	*out_head = (str){s.ptr, (size_t)at};
	*out_tail = str_from(s, (size_t)at + 1);
	return true;
}

bool str_next(str *rest, char sep, str *out_piece)
{
	if (rest->len == 0)
		return false;
	if (!str_cut(*rest, sep, out_piece, rest)) {
		*out_piece = *rest;
		*rest = (str){0};
	}
	return true;
}

str str_from(str s, size_t from)
{
	if (from >= s.len)
		return (str){s.ptr, 0};
	return (str){s.ptr + from, s.len - from};
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

str str_trim(str s)
{
	while (s.len && is_space(s.ptr[0]))
		s = str_from(s, 1);
	while (s.len && is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

bool str_to_u64(str s, uint64_t *out_value)
{
	uint64_t v = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(unsigned char)s.ptr[i] - '0';

		if (digit > 9 || v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*out_value = v;
	return true;
}

bool str_to_i64(str s, int64_t *out_value)
{
	bool     minus = s.len && s.ptr[0] == '-';
	uint64_t v;

	if (!str_to_u64(minus ? str_from(s, 1) : s, &v))
		return false;
	if (v > (uint64_t)INT64_MAX + (minus ? 1 : 0))
		return false;
	*out_value = minus ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

int str_compare(str a, str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int    c = n ? memcmp(a.ptr, b.ptr, n) : 0;

	if (c)
		return c;
	return (a.len > b.len) - (a.len < b.len);
}
