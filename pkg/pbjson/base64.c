#include "pbjson/base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

size_t pbjson_base64_max_decoded(size_t n)
{
	return n / 4 * 3 + 2;
}

/* Takes the padding off; false if there is some, but not as much as there should be. */
static bool strip_padding(str *s)
{
	size_t padding = 0;

	while (padding < 2 && padding < s->len && s->ptr[s->len - 1 - padding] == '=')
		padding++;
	if (padding && s->len % 4 != 0)
		return false;
	s->len -= padding;
	return true;
}

bool pbjson_base64_decode(str s, uint8_t *out, size_t *out_len)
{
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t   n = 0;

	if (!strip_padding(&s) || s.len % 4 == 1)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int v = sextet(s.ptr[i]);

		if (v < 0)
			return false;
		bits = (bits << 6 | (uint32_t)v) & 0xfff;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			out[n++] = (uint8_t)(bits >> n_bits);
		}
	}
	if (bits & ((1u << n_bits) - 1))
		return false;
	*out_len = n;
	return true;
}

void pbjson_base64_print(struct buf *out, const uint8_t *p, size_t n)
{
	for (; n > 0;) {
		size_t   take = n < 3 ? n : 3;
		uint32_t bits = (uint32_t)p[0] << 16 | (take > 1 ? (uint32_t)p[1] << 8 : 0) |
		                (take > 2 ? p[2] : 0);
		char text[4] = {ALPHABET[bits >> 18], ALPHABET[bits >> 12 & 63],
		                take > 1 ? ALPHABET[bits >> 6 & 63] : '=',
		                take > 2 ? ALPHABET[bits & 63] : '='};

		buf_put_bytes(out, text, sizeof text);
		p += take;
		n -= take;
	}
}
