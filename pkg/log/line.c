#include "log/line.h"

#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Kept free for what must still follow a cut: a closing quote, a brace, the LF. */
enum { CLOSING_BYTES = 3 };

void log_line_init(struct log_line *l, enum log_format format)
{
	l->format = format;
	l->is_cut = false;
	l->len = 0;
}

/* A string that just fits is closed with a reserved byte: then the length is past the limit. */
static size_t room(const struct log_line *l)
{
	size_t limit = sizeof l->bytes - CLOSING_BYTES;

	return l->len < limit ? limit - l->len : 0;
}

/* All of it or, from here on, nothing. */
static void put(struct log_line *l, str s)
{
	if (l->is_cut || s.len > room(l)) {
		l->is_cut = true;
		return;
	}
	if (s.len)
		memcpy(l->bytes + l->len, s.ptr, s.len);
	l->len += s.len;
}

static void put_closing(struct log_line *l, char c)
{
	l->bytes[l->len++] = c;
}

static void put_code_point(struct log_line *l, unsigned code_point)
{
	char text[sizeof "\\u0000"];

	snprintf(text, sizeof text, "\\u%04x", code_point & 0xffff);
	put(l, str_c(text));
}

/* Control characters beyond ASCII that a terminal or a viewer takes for a new line or worse. */
static unsigned wide_control(const unsigned char *p, size_t n)
{
	if (n == 2 && p[0] == 0xc2 && p[1] < 0xa0) /* C1: U+0080 to U+009F */
		return p[1];
	if (n == 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9))
		return 0x2000u + (p[2] & 0x3fu); /* line and paragraph separators */
	return 0;
}

/* Writes the character at s[at], escaped where it must be; returns the bytes it took. */
static size_t put_char(struct log_line *l, str s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.ptr + at;
	size_t               n = utf8_length_at(s, at);

	if (n == 0) {
		put_code_point(l, 0xfffd);
		return 1;
	}
	if (n > 1) {
		unsigned control = wide_control(p, n);

		if (control)
			put_code_point(l, control);
		else
			put(l, (str){s.ptr + at, n});
		return n;
	}
	switch (p[0]) {
	case '"':
		put(l, STR("\\\""));
		break;
	case '\\':
		put(l, STR("\\\\"));
		break;
	case '\n':
		put(l, STR("\\n"));
		break;
	case '\r':
		put(l, STR("\\r"));
		break;
	case '\t':
		put(l, STR("\\t"));
		break;
	default:
		if (p[0] < 0x20 || p[0] == 0x7f)
			put_code_point(l, p[0]);
		else
			put(l, (str){s.ptr + at, 1});
	}
	return 1;
}

static void put_quoted(struct log_line *l, str s)
{
	put(l, STR("\""));
	if (l->is_cut)
		return;
	for (size_t at = 0; at < s.len && !l->is_cut;)
		at += put_char(l, s, at);
	put_closing(l, '"');
}

/* Stands without quotes in logfmt. */
static bool is_bare(str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
			return false;
	}
	return s.len > 0;
}

static void put_bare(struct log_line *l, str s)
{
	bool is_cut = s.len > room(l);

	put(l, (str){s.ptr, is_cut ? room(l) : s.len});
	l->is_cut = is_cut;
}

static void put_double(struct log_line *l, double d)
{
	char digits[40];

	if (!isfinite(d) && l->format == LOG_JSON) {
		put(l, STR("null"));
		return;
	}
	snprintf(digits, sizeof digits, "%.15g", d);
	put(l, str_c(digits));
}

/* Most pairs are numbers, and printf is slow at them. */
static void put_integer(struct log_line *l, bool is_negative, uint64_t magnitude)
{
	char  digits[sizeof "-18446744073709551615"];
	char *end = digits + sizeof digits, *p = end;

	do {
		*--p = (char)('0' + magnitude % 10);
		magnitude /= 10;
	} while (magnitude);
	if (is_negative)
		*--p = '-';
	put(l, (str){p, (size_t)(end - p)});
}

static void put_value(struct log_line *l, const struct log_pair *pair)
{
	switch (pair->type) {
	case LOG_PAIR_STR:
		if (l->format == LOG_LOGFMT && is_bare(pair->s))
			put_bare(l, pair->s);
		else
			put_quoted(l, pair->s);
		break;
	case LOG_PAIR_I64:
		put_integer(l, pair->i < 0,
		            pair->i < 0 ? 0 - (uint64_t)pair->i : (uint64_t)pair->i);
		break;
	case LOG_PAIR_U64:
		put_integer(l, false, pair->u);
		break;
	case LOG_PAIR_BOOL:
		put(l, pair->b ? STR("true") : STR("false"));
		break;
	case LOG_PAIR_DOUBLE:
		put_double(l, pair->d);
		break;
	}
}

static void put_key(struct log_line *l, const char *key)
{
	bool is_first = l->len == 0;

	if (l->format == LOG_JSON) {
		put(l, is_first ? STR("{\"") : STR(",\""));
		put(l, str_c(key));
		put(l, STR("\":"));
		return;
	}
	if (!is_first)
		put(l, STR(" "));
	put(l, str_c(key));
	put(l, STR("="));
}

void log_line_put(struct log_line *l, const struct log_pair *pair)
{
	size_t before = l->len, value;

	if (l->is_cut)
		return;
	put_key(l, pair->key);
	value = l->len;
	if (!l->is_cut)
		put_value(l, pair);
	/* Cut within the key or before any of the value: take the whole pair back. */
	if (l->is_cut && l->len == value)
		l->len = before;
}

void log_line_end(struct log_line *l)
{
	if (l->format == LOG_JSON)
		put_closing(l, '}');
	put_closing(l, '\n');
}
