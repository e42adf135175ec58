/*
 * The scanner against jansson: the same verdict on a few hundred texts and on every way to
 * break one of them by a byte. They differ, knowingly, in three things:
 *   - numbers: jansson refuses an integer beyond 64 bits and a real beyond a double; the scanner
 *     leaves numbers as text, and the field's type decides;
 *   - depth: jansson goes to 2048, the scanner to 32;
 *   - a NUL byte after a value: jansson takes it for the end, the scanner refuses it.
 */
#include "base/mem.h"
#include "pbjson/scan.h"

#include "test/support/test.h"

#include <jansson.h>
#include <string.h>

static const char *const texts[] = {
        "{}",
        "[]",
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1",
        "1.5",
        "1e5",
        "1E+5",
        "1e-5",
        "-1.25e-3",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "1e400",
        "-1e400",
        "1e-400",
        "18446744073709551615",
        "00",
        "01",
        "-01",
        "1.",
        ".1",
        "-.1",
        "1.e5",
        "1e",
        "1e+",
        "+1",
        "0x1",
        "1_000",
        "NaN",
        "nan",
        "Infinity",
        "-Infinity",
        "--1",
        "1-",
        "0e0",
        "0E",
        "0.0",
        "\"\"",
        "\"abc\"",
        "\"\\n\"",
        "\"\\/\"",
        "\"\\a\"",
        "\"\\0\"",
        "\"\\u0000\"",
        "\"\\u0001\"",
        "\"\\u007f\"",
        "\"\\u0080\"",
        "\"\\u07ff\"",
        "\"\\u0800\"",
        "\"\\uffff\"",
        "\"\\ufffe\"",
        "\"\\uFEFF\"",
        "\"\\ud7ff\"",
        "\"\\ud800\"",
        "\"\\udbff\"",
        "\"\\udc00\"",
        "\"\\udfff\"",
        "\"\\ue000\"",
        "\"\\ud800\\udc00\"",
        "\"\\udbff\\udfff\"",
        "\"\\ud800\\udbff\"",
        "\"\\ud800\\ue000\"",
        "\"\\udc00\\ud800\"",
        "\"\\ud800\\n\"",
        "\"\\ud800\\\\\"",
        "\"\\ud800",
        "\"\\ud800\\\"",
        "\"\\ud800\\u",
        "\"\\u\"",
        "\"\\u1\"",
        "\"\\u123\"",
        "\"\\u123g\"",
        "\"\\U0041\"",
        "\"\\u+041\"",
        "\"\\u 041\"",
        "\"\x01\"",
        "\"\x1f\"",
        "\"\x7f\"",
        "\"\n\"",
        "\"\xc2\x80\"",
        "\"\xc1\xbf\"",
        "\"\xc0\xaf\"",
        "\"\xdf\xbf\"",
        "\"\xe0\xa0\x80\"",
        "\"\xe0\x9f\xbf\"",
        "\"\xed\x9f\xbf\"",
        "\"\xed\xa0\x80\"",
        "\"\xee\x80\x80\"",
        "\"\xef\xbf\xbf\"",
        "\"\xf0\x90\x80\x80\"",
        "\"\xf0\x8f\xbf\xbf\"",
        "\"\xf4\x8f\xbf\xbf\"",
        "\"\xf4\x90\x80\x80\"",
        "\"\xf5\x80\x80\x80\"",
        "\"\xf8\x88\x80\x80\x80\"",
        "\"\x80\"",
        "\"\xbf\"",
        "\"\xc3\"",
        "\"\xe2\x82\"",
        "\"\xf0\x9f\xa6\"",
        "\"\xfe\"",
        "\"\xff\"",
        "\"a",
        "\"a\\",
        "\"a\\\"",
        "'a'",
        "abc",
        "nul",
        "nulll",
        "Null",
        "TRUE",
        "tru",
        "falsee",
        "[1]",
        "[1,2]",
        "[1,]",
        "[,]",
        "[,1]",
        "[1,,2]",
        "[1 2]",
        "[1",
        "[",
        "]",
        "[]]",
        "[[]",
        "[1}",
        "[\"a\":1]",
        "{\"a\":1}",
        "{\"a\":1,\"b\":2}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{:1}",
        "{\"a\" 1}",
        "{\"a\",1}",
        "{a:1}",
        "{'a':1}",
        "{1:1}",
        "{null:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1;\"b\":2}",
        "{\"a\":1",
        "{\"a\":",
        "{\"a\"",
        "{\"a",
        "{",
        "}",
        "{}}",
        "{]",
        "{\"a\"::1}",
        "{\"a\":1,\"a\":2}",
        "{\"\":1}",
        "{\"\\u0061\":1,\"a\":2}",
        "{\"\\u0000\":1}",
        "{\"a\\",
        "",
        " ",
        "\n",
        " 1 ",
        "\t[\r\n]\t",
        "\v1",
        "\f1",
        "1\v",
        "\xc2\xa0"
        "1",
        "\xe2\x80\xa8"
        "1",
        "\xef\xbb\xbf"
        "1",
        "1 2",
        "1,2",
        "{}{}",
        "[][]",
        "null null",
        "1//",
        "/**/1",
        "#1",
        "1;",
        "[1/**/]",
        "[true,false,null]",
        "[truefalse]",
        "[true false]",
        "[\"a\" \"b\"]",
        "[\"a\"\"b\"]",
        "{\"a\":[{\"b\":[{}]}]}",
        "[[[[[[[[[[]]]]]]]]]]",
        "{\"a\":{\"b\":{\"c\":{\"d\":{}}}}}",
        "{\"lat\":48.8566,\"lon\":2.3522,\"tags\":[\"a\",\"b\"],\"ok\":true,\"none\":null}",
        "[1.0,-2.5e+10,0.000,1e-7,\"\\ud83e\\udd86 \\\"x\\\" \xc3\xa9\",{\"k\":[]}]",
};

static const char replacements[] = "\"\\{}[]:,.-+eE019 \nux\x01\x80\xc3\xed\xff";

/* It stopped at a number that it cannot hold: nothing to compare. */
static bool is_number_beyond(const json_error_t *error)
{
	return strstr(error->text, "too big") || strstr(error->text, "real number overflow");
}

static void check_strings(str text, json_t *theirs)
{
	struct pbjson_scan   s;
	struct pbjson_string string;
	char                 out[256];

	pbjson_scan_init(&s, text);
	if (pbjson_scan_peek(&s) != PBJSON_STRING)
		return;
	assert_true(pbjson_scan_string(&s, &string));
	assert_true(string.raw.len <= sizeof out);
	assert_str(((str){out, pbjson_scan_unescape(string, out)}), json_string_value(theirs));
}

static void check(str text)
{
	struct pbjson_scan s;
	json_error_t       error;
	/* A copy of exactly its size: AddressSanitizer sees a step past the end. */
	char   *copy = mem_strndup(text.ptr, text.len);
	json_t *theirs = json_loadb(copy, text.len, JSON_DECODE_ANY, &error);

	pbjson_scan_init(&s, (str){copy, text.len});
	pbjson_scan_skip(&s);
	pbjson_scan_end(&s);
	if (theirs || !is_number_beyond(&error)) {
		if ((s.fault == NULL) != (theirs != NULL))
			print_error("%.*s: the scanner says %s, jansson %s\n", STR_ARG(text),
			            s.fault ? s.fault : "fine", theirs ? "fine" : error.text);
		assert_int_equal(s.fault == NULL, theirs != NULL);
	}
	if (theirs)
		check_strings((str){copy, text.len}, theirs);
	json_decref(theirs);
	mem_free(copy);
}

TEST(scanner_and_jansson_agree_on_handmade_texts)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		check(str_c(texts[i]));
}

TEST(scanner_and_jansson_agree_on_texts_cut_short)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		for (size_t n = 0; n < strlen(texts[i]); n++)
			check((str){texts[i], n});
}

TEST(scanner_and_jansson_agree_on_texts_with_one_byte_lost)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		size_t n = strlen(texts[i]);

		for (size_t at = 0; at < n; at++) {
			char text[128];

			assert_true(n < sizeof text);
			memcpy(text, texts[i], at);
			memcpy(text + at, texts[i] + at + 1, n - at - 1);
			check((str){text, n - 1});
		}
	}
}

TEST(scanner_and_jansson_agree_on_texts_with_one_byte_replaced)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		size_t n = strlen(texts[i]);

		for (size_t at = 0; at < n; at++) {
			for (size_t r = 0; r + 1 < sizeof replacements; r++) {
				char text[128];

				memcpy(text, texts[i], n);
				text[at] = replacements[r];
				check((str){text, n});
			}
		}
	}
}

TEST_MAIN()
