#include "pbjson/base64.h"

#include "test/support/test.h"

TEST(base64_decodes_both_alphabets_with_padding_or_without)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	        {"", ""},
	        {"Zg==", "f"},
	        {"Zg", "f"},
	        {"Zm8=", "fo"},
	        {"Zm8", "fo"},
	        {"Zm9v", "foo"},
	        {"Zm9vYmFy", "foobar"},
	        {"+/8=", "\xfb\xff"},
	        {"-_8", "\xfb\xff"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t out[16];
		size_t  n;

		assert_true(pbjson_base64_decode(str_c(cases[i].in), out, &n));
		assert_str(((str){(char *)out, n}), cases[i].out);
	}
}

TEST(base64_refuses_what_is_none)
{
	static const char *const cases[] = {"Z",   "Zg=",      "Zg===", "Z===",    "====",
	                                    "=",   "Zm9v====", "Zm 9v", "Zm9v\n",  "Zh",
	                                    "Zm9", "Z=g=",     "Zm9v=", "\xc3\xa9"};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t out[16];
		size_t  n = 77;

		assert_false(pbjson_base64_decode(str_c(cases[i]), out, &n));
		assert_int_equal(n, 77);
	}
}

TEST(base64_prints_the_standard_alphabet_padded)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xfb\xff", "+/8="},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		str        in = str_c(cases[i].in);
		struct buf out;

		buf_init(&out, 100);
		pbjson_base64_print(&out, (const uint8_t *)in.ptr, in.len);
		assert_str(buf_str(&out), cases[i].out);
		buf_fini(&out);
	}
}

TEST_MAIN()
