#include "pbjson/scan.h"

#include "base/utf8.h"
#include "pbjson/number.h"

#include <stdint.h>
#include <string.h>

static const char UNEXPECTED[] = "unexpected character";
static const char UNEXPECTED_END[] = "unexpected end";

void pbjson_scan_init(struct pbjson_scan *s, str text)
{
	*s = (struct pbjson_scan){.text = text};
}

static bool fail(struct pbjson_scan *s, const char *fault)
{
	if (s->fault == NULL)
		s->fault = fault;
	return false;
}

static bool fail_here(struct pbjson_scan *s)
{
	return fail(s, s->at < s->text.len ? UNEXPECTED : UNEXPECTED_END);
}

static void skip_space(struct pbjson_scan *s)
{
	for (; s->at < s->text.len; s->at++) {
		char c = s->text.ptr[s->at];

		if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
			return;
	}
}

/* The next byte after white space is c; takes it if so. */
static bool take(struct pbjson_scan *s, char c)
{
	skip_space(s);
	if (s->at == s->text.len || s->text.ptr[s->at] != c)
		return false;
	s->at++;
	return true;
}

enum pbjson_kind pbjson_scan_peek(struct pbjson_scan *s)
{
	if (s->fault)
		return PBJSON_NOTHING;
	skip_space(s);
	switch (s->at < s->text.len ? s->text.ptr[s->at] : '\0') {
	case '{':
		return PBJSON_OBJECT;
	case '[':
		return PBJSON_ARRAY;
	case '"':
		return PBJSON_STRING;
	case 't':
		return PBJSON_TRUE;
	case 'f':
		return PBJSON_FALSE;
	case 'n':
		return PBJSON_NULL;
	case '-':
	case '0' ... '9':
		return PBJSON_NUMBER;
	default:
		fail_here(s);
		return PBJSON_NOTHING;
	}
}

bool pbjson_scan_enter(struct pbjson_scan *s)
{
	if (s->fault)
		return false;
	if (s->depth == PBJSON_MAX_DEPTH)
		return fail(s, "nested too deeply");
	s->at++;
	s->depth++;
	s->is_first = true;
	return true;
}

/* Takes the comma before what follows, or the closing bracket. */
static bool has_next(struct pbjson_scan *s, char close)
{
	bool is_first = s->is_first;

	if (s->fault)
		return false;
	s->is_first = false;
	if (take(s, close)) {
		s->depth--;
		return false;
	}
	return is_first || take(s, ',') || fail_here(s);
}

bool pbjson_scan_next_item(struct pbjson_scan *s)
{
	return has_next(s, ']');
}

bool pbjson_scan_next_key(struct pbjson_scan *s, struct pbjson_string *out_key)
{
	if (!has_next(s, '}'))
		return false;
	if (pbjson_scan_peek(s) != PBJSON_STRING)
		return fail_here(s);
	return pbjson_scan_string(s, out_key) && (take(s, ':') || fail_here(s));
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four digits after "\u". False if they are not there. */
static bool read_unit(str text, size_t at, uint32_t *out_unit)
{
	uint32_t unit = 0;

	if (text.len < at || text.len - at < 4)
		return false;
	for (size_t i = at; i < at + 4; i++) {
		int v = hex_value(text.ptr[i]);

		if (v < 0)
			return false;
		unit = unit << 4 | (uint32_t)v;
	}
	*out_unit = unit;
	return true;
}

static bool is_high_surrogate(uint32_t unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low_surrogate(uint32_t unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* The second half of a pair, "\u" and all, at `at`. */
static bool read_low_surrogate(str text, size_t at, uint32_t *out_unit)
{
	return at + 2 <= text.len && text.ptr[at] == '\\' && text.ptr[at + 1] == 'u' &&
	       read_unit(text, at + 2, out_unit) && is_low_surrogate(*out_unit);
}

/* Checks the escape whose backslash is at s->at, and goes past it. */
static bool check_escape(struct pbjson_scan *s)
{
	uint32_t unit;

	if (s->at + 1 >= s->text.len) {
		s->at = s->text.len;
		return fail_here(s);
	}
	if (s->text.ptr[s->at + 1] != 'u') {
		if (s->text.ptr[s->at + 1] == '\0' || !strchr("\"\\/bfnrt", s->text.ptr[s->at + 1]))
			return fail(s, "unknown escape");
		s->at += 2;
		return true;
	}
	if (!read_unit(s->text, s->at + 2, &unit))
		return fail(s, "unknown escape");
	if (unit == 0)
		return fail(s, "NUL in a string");
	if (is_low_surrogate(unit))
		return fail(s, "unpaired surrogate");
	if (is_high_surrogate(unit)) {
		if (!read_low_surrogate(s->text, s->at + 6, &unit))
			return fail(s, "unpaired surrogate");
		s->at += 6;
	}
	s->at += 6;
	return true;
}

bool pbjson_scan_string(struct pbjson_scan *s, struct pbjson_string *out)
{
	struct pbjson_string string = {0};
	size_t               start = s->at + 1;
	size_t               n;

	if (s->fault)
		return false;
	for (s->at = start; s->at < s->text.len;) {
		unsigned char c = (unsigned char)s->text.ptr[s->at];

		if (c == '"') {
			string.raw = (str){s->text.ptr + start, s->at - start};
			s->at++;
			*out = string;
			return true;
		}
		if (c == '\\') {
			string.has_escapes = true;
			if (!check_escape(s))
				return false;
		} else if (c < 0x20) {
			return fail(s, "control character in a string");
		} else if (c < 0x80) {
			s->at++;
		} else {
			n = utf8_length_at(s->text, s->at);
			if (n == 0)
				return fail(s, "bad UTF-8");
			s->at += n;
		}
	}
	return fail_here(s);
}

bool pbjson_scan_number(struct pbjson_scan *s, str *out)
{
	str    rest = str_from(s->text, s->at);
	size_t n = pbjson_number_length(rest);

	if (s->fault)
		return false;
	if (n == 0) {
		s->at++; /* only a '-' starts a number that is none */
		return fail_here(s);
	}
	s->at += n;
	*out = (str){rest.ptr, n};
	return true;
}

bool pbjson_scan_literal(struct pbjson_scan *s)
{
	static const str literals[] = {{"true", 4}, {"false", 5}, {"null", 4}};
	str              rest = str_from(s->text, s->at);

	if (s->fault)
		return false;
	for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
		if (str_starts(rest, literals[i])) {
			s->at += literals[i].len;
			return true;
		}
	}
	return fail_here(s);
}

bool pbjson_scan_skip(struct pbjson_scan *s)
{
	struct pbjson_string string;
	str                  number;

	switch (pbjson_scan_peek(s)) {
	case PBJSON_OBJECT:
		pbjson_scan_enter(s);
		while (pbjson_scan_next_key(s, &string))
			pbjson_scan_skip(s);
		return s->fault == NULL;
	case PBJSON_ARRAY:
		pbjson_scan_enter(s);
		while (pbjson_scan_next_item(s))
			pbjson_scan_skip(s);
		return s->fault == NULL;
	case PBJSON_STRING:
		return pbjson_scan_string(s, &string);
	case PBJSON_NUMBER:
		return pbjson_scan_number(s, &number);
	case PBJSON_TRUE:
	case PBJSON_FALSE:
	case PBJSON_NULL:
		return pbjson_scan_literal(s);
	case PBJSON_NOTHING:
		break;
	}
	return false;
}

bool pbjson_scan_end(struct pbjson_scan *s)
{
	if (s->fault)
		return false;
	skip_space(s);
	return s->at == s->text.len || fail_here(s);
}

/* Writes what the escape at `at` stands for; *at goes past it. */
static size_t unescape_one(str raw, size_t *at, char *out)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	char              c = raw.ptr[*at + 1];
	uint32_t          unit = 0, low = 0;
	const char       *found;

	if (c != 'u') {
		found = strchr(from, c);
		out[0] = found ? to[found - from] : c;
		*at += 2;
		return 1;
	}
	read_unit(raw, *at + 2, &unit);
	*at += 6;
	if (is_high_surrogate(unit)) {
		read_unit(raw, *at + 2, &low);
		*at += 6;
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	}
	return utf8_encode(unit, out);
}

size_t pbjson_scan_unescape(struct pbjson_string s, char *out)
{
	size_t n = 0;

	if (!s.has_escapes) {
		if (s.raw.len)
			memcpy(out, s.raw.ptr, s.raw.len);
		return s.raw.len;
	}
	for (size_t at = 0; at < s.raw.len;) {
		if (s.raw.ptr[at] == '\\')
			n += unescape_one(s.raw, &at, out + n);
		else
			out[n++] = s.raw.ptr[at++];
	}
	return n;
}
