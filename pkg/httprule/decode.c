#include "httprule/decode.h"

#include "base/utf8.h"

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

/* The byte that s's percent code at `at` stands for, or -1. */
static int byte_at(str s, size_t at)
{
	int high, low;

	if (s.len - at < 3)
		return -1;
	high = hex_value(s.ptr[at + 1]);
	low = hex_value(s.ptr[at + 2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

status httprule_decode_as(str raw, enum httprule_decoding how, struct arena *a, str *out_text)
{
	char *text = arena_try_alloc(a, raw.len + 1);
	str   decoded = {text, 0};

	if (text == NULL)
		return status_error(CODE_RESOURCE_EXHAUSTED, "the URL is too long");

	for (size_t i = 0; i < raw.len; i++) {
		int c = (unsigned char)raw.ptr[i];

		if (c == '%') {
			c = byte_at(raw, i);
			if (c < 0)
				return status_error(CODE_INVALID_ARGUMENT, "bad percent code");
			if (c != '/' || how != HTTPRULE_DECODE_REST)
				i += 2;
			else
				c = '%'; /* and its two digits follow as they are */
		} else if (c == '+' && how == HTTPRULE_DECODE_QUERY) {
			c = ' ';
		}
		if (c == '\0')
			return status_error(CODE_INVALID_ARGUMENT, "NUL in the URL");
		text[decoded.len++] = (char)c;
	}
	text[decoded.len] = '\0';
	if (!utf8_is_valid(decoded))
		return status_error(CODE_INVALID_ARGUMENT, "the URL is not UTF-8");
	*out_text = decoded;
	return STATUS_OK;
}

status httprule_decode(str raw, bool is_query, struct arena *a, str *out_text)
{
	return httprule_decode_as(raw, is_query ? HTTPRULE_DECODE_QUERY : HTTPRULE_DECODE_SEGMENT,
	                          a, out_text);
}
