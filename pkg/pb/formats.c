#include "pb/validate.h"

#include <string.h>

enum {
	EMAIL_MAX = 254,
	EMAIL_LOCAL_MAX = 64,
	LABEL_MAX = 63,
	PSEUDO_MIN = 3,
	PSEUDO_MAX = 32,
	CHANNEL_MAX = 50,
	URL_MAX = 2048,
	PICTURE_MAX_BYTES = 64 * 1024,
	MAGIC_BYTES = 12,
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* All of s are letters, digits, or one of the others. */
static bool is_made_of(str s, str others)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.ptr[i]) && str_find(others, s.ptr[i]) < 0)
			return false;
	return true;
}

static str without_leading(str s, char c)
{
	return s.len > 0 && s.ptr[0] == c ? str_from(s, 1) : s;
}

bool pb_is_pseudo(str s)
{
	s = without_leading(s, '@');
	return s.len >= PSEUDO_MIN && s.len <= PSEUDO_MAX && is_made_of(s, STR("_.-"));
}

bool pb_is_channel(str s)
{
	s = without_leading(s, '#');
	return s.len >= 1 && s.len <= CHANNEL_MAX && is_made_of(s, STR("_-"));
}

/* ---- e-mail ---- */

/* RFC 5321's dot-string. Quoted and non-ASCII mailboxes are refused: few servers take them. */
static bool is_mailbox(str s)
{
	str word;

	if (s.len > EMAIL_LOCAL_MAX || !is_made_of(s, STR(".!#$%&'*+-/=?^_`{|}~")))
		return false;
	while (str_cut(s, '.', &word, &s))
		if (word.len == 0)
			return false;
	return s.len > 0;
}

static bool is_label(str s)
{
	return s.len >= 1 && s.len <= LABEL_MAX && is_made_of(s, STR("-")) && s.ptr[0] != '-' &&
	       s.ptr[s.len - 1] != '-';
}

/* At least two labels, the last of which is no number: an address is no domain. */
static bool is_domain(str s)
{
	str      label;
	uint64_t number;

	if (str_find(s, '.') < 0)
		return false;
	while (str_cut(s, '.', &label, &s))
		if (!is_label(label))
			return false;
	return is_label(s) && !str_to_u64(s, &number);
}

bool pb_is_email(str s)
{
	str local, domain;

	return s.len <= EMAIL_MAX && str_cut(s, '@', &local, &domain) && is_mailbox(local) &&
	       is_domain(domain);
}

/* ---- picture ---- */

/* "host", "host:port", "[v6]:port"; no user and password. */
static bool is_authority(str s)
{
	str      host = s, port = STR("0"), v6;
	uint64_t number;

	if (s.len > 0 && s.ptr[0] == '[') {
		if (!str_cut(str_from(s, 1), ']', &v6, &port) || v6.len == 0 ||
		    !is_made_of(v6, STR(":.")))
			return false;
		if (port.len == 0)
			return true;
		host = STR("v6");
		if (port.ptr[0] != ':')
			return false;
		port = str_from(port, 1);
	} else {
		(void)str_cut(s, ':', &host, &port);
	}
	return host.len > 0 && is_alnum(host.ptr[0]) && is_made_of(host, STR("-._")) &&
	       str_to_u64(port, &number) && number <= UINT16_MAX;
}

static bool is_url(str s)
{
	str    scheme, rest;
	size_t n = 0;

	if (s.len > URL_MAX || !str_cut(s, ':', &scheme, &rest) || !str_starts(rest, STR("//")))
		return false;
	if (!str_eq_nocase(scheme, STR("http")) && !str_eq_nocase(scheme, STR("https")))
		return false;
	rest = str_from(rest, 2);
	while (n < rest.len && str_find(STR("/?#"), rest.ptr[n]) < 0)
		n++;
	return is_authority((str){rest.ptr, n}) &&
	       is_made_of(str_from(rest, n), STR("-._~:/?#[]@!$&'()*+,;=%"));
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Without its padding; false if the length or the padding is wrong. */
static bool cut_padding(str *text)
{
	size_t padded = text->len;

	while (text->len > 0 && padded - text->len < 2 && text->ptr[text->len - 1] == '=')
		text->len--;
	return padded % 4 == 0;
}

/* Decodes the first MAGIC_BYTES of it (zeros if there are fewer), but checks it all. */
static bool decode_start(str text, char out[static MAGIC_BYTES])
{
	uint32_t bits = 0;
	size_t   n = 0;

	memset(out, 0, MAGIC_BYTES);
	if (!cut_padding(&text) || text.len * 3 / 4 > PICTURE_MAX_BYTES)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int value = base64_value(text.ptr[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		if (i % 4 != 0 && n < MAGIC_BYTES)
			out[n++] = (char)(bits >> (6 - 2 * (i % 4)));
	}
	return true;
}

static bool is_data_uri(str s)
{
	static const struct {
		str    prefix, magic;
		size_t at;
	} types[] = {
	        {STR("data:image/png;base64,"), STR("\x89PNG\r\n\x1a\n"), 0},
	        {STR("data:image/jpeg;base64,"), STR("\xff\xd8\xff"), 0},
	        {STR("data:image/gif;base64,"), STR("GIF87a"), 0},
	        {STR("data:image/gif;base64,"), STR("GIF89a"), 0},
	        {STR("data:image/webp;base64,"), STR("WEBP"), 8},
	};
	char start[MAGIC_BYTES];

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (!str_starts(s, types[i].prefix) ||
		    !decode_start(str_from(s, types[i].prefix.len), start))
			continue;
		if (str_eq((str){start + types[i].at, types[i].magic.len}, types[i].magic) &&
		    (types[i].at == 0 || str_starts((str){start, 4}, STR("RIFF"))))
			return true;
	}
	return false;
}

bool pb_is_picture(str s)
{
	return is_url(s) || is_data_uri(s);
}
