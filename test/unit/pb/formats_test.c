#include "pb/validate.h"

#include "base/mem.h"

#include <string.h>

#include "test/support/test.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define TEN      "0123456789"
#define SIXTY    TEN TEN TEN TEN TEN TEN

/* All of the texts have the form, or none has. */
static void assert_all(bool (*is)(str s), bool expected, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is(str_c(texts[i])) != expected)
			fail_msg("\"%s\": not %s", texts[i], expected ? "accepted" : "refused");
}

TEST(an_email_address_is_ascii_with_a_dotted_domain)
{
	static const char *const good[] = {
	        "a@b.fr",
	        "first.last+tag@sub.example.com",
	        "o'hara@example.co.uk",
	        "UPPER@EXAMPLE.COM",
	        "a@1-2.x9",
	        "!#$%&*+-/=?^_`{|}~@b.fr",
	        "a@xn--caf-dma.fr",
	        SIXTY "1234@b.fr",
	        "a@" SIXTY "123.fr",
	};
	static const char *const bad[] = {
	        "",
	        "a",
	        "@",
	        "a@",
	        "@b.fr",
	        "a@b",
	        "a@b.",
	        "a@.fr",
	        "a@b..fr",
	        "a@-b.fr",
	        "a@b-.fr",
	        "a@b_c.fr",
	        "a b@c.fr",
	        "a@b c.fr",
	        "a@b@c.fr",
	        ".a@b.fr",
	        "a.@b.fr",
	        "a..b@c.fr",
	        "\"a\"@b.fr",
	        "a\t@b.fr",
	        "a@b.fr\n",
	        "a\\@b.fr",
	        "a,b@c.fr",
	        "<a@b.fr>",
	        "caf\xc3\xa9@b.fr",
	        "a@caf\xc3\xa9.fr",
	        "a@1.2.3.4",
	        "a@[1.2.3.4]",
	        SIXTY "12345@b.fr",
	        "a@" SIXTY "1234.fr",
	};

	assert_all(pb_is_email, true, good, COUNT(good));
	assert_all(pb_is_email, false, bad, COUNT(bad));
	assert_false(pb_is_email(STR("a\0b@c.fr")));
}

TEST(an_email_address_has_at_most_254_characters)
{
	char address[] = "aa@" SIXTY "." SIXTY "." SIXTY "." SIXTY "." TEN;

	memcpy(address + sizeof address - 4, ".fr", 3);
	assert_int_equal(strlen(address), 257);
	assert_false(pb_is_email(str_c(address)));
	assert_false(pb_is_email(str_c(address + 2)));
	assert_false(pb_is_email((str){address + 1, 256}));
	memmove(address + 3, address + 6, 252);
	assert_int_equal(strlen(address), 254);
	assert_true(pb_is_email(str_c(address)));
}

TEST(a_pseudo_has_3_to_32_letters_digits_and_marks)
{
	static const char *const good[] = {
	        "bob", "@bob", "Bob_1.x-y", "...", "me2", TEN TEN TEN "12", "@" TEN TEN TEN "12",
	};
	static const char *const bad[] = {
	        "",
	        "@",
	        "ab",
	        "@ab",
	        "@@bob",
	        "bob@",
	        "#bob",
	        "bo b",
	        "b\xc3\xa9"
	        "b",
	        "bob\n",
	        "b/b",
	        TEN TEN TEN "123",
	};

	assert_all(pb_is_pseudo, true, good, COUNT(good));
	assert_all(pb_is_pseudo, false, bad, COUNT(bad));
	assert_false(pb_is_pseudo(STR("bob\0x")));
}

TEST(a_channel_has_1_to_50_letters_digits_and_marks)
{
	static const char *const good[] = {"a", "#a", "General", "a_b-c", TEN TEN TEN TEN TEN};
	static const char *const bad[] = {
	        "", "#", "##a", "a.b", "@a", "a b", "caf\xc3\xa9", TEN TEN TEN TEN TEN "1",
	};

	assert_all(pb_is_channel, true, good, COUNT(good));
	assert_all(pb_is_channel, false, bad, COUNT(bad));
}

TEST(a_picture_is_an_http_url)
{
	static const char *const good[] = {
	        "http://x",
	        "https://example.com/a/b.png?c=d&e=%20#f",
	        "HTTPS://Example.com",
	        "http://localhost:8080/x",
	        "http://127.0.0.1/x",
	        "http://[::1]/x",
	        "http://[::1]:80/x",
	        "https://x?q",
	        "https://x#f",
	};
	static const char *const bad[] = {
	        "",
	        "x",
	        "ftp://x/y",
	        "javascript:alert(1)",
	        "http:",
	        "http://",
	        "http:///x",
	        "http:/x",
	        "https://user@host/",
	        "https://user:pass@host/",
	        "https://host:/",
	        "https://host:x/",
	        "https://host:65536/",
	        "https://-x/",
	        "https://a b/",
	        "https://a/b c",
	        "https://a/\"",
	        "https://a/<b>",
	        "https://a/\n",
	        "https://a/\\",
	        "https://caf\xc3\xa9/",
	        "https://[::1/",
	        "https://[]/",
	        "https://[::1]x/",
	        " https://a/",
	};

	assert_all(pb_is_picture, true, good, COUNT(good));
	assert_all(pb_is_picture, false, bad, COUNT(bad));
}

TEST(a_picture_url_has_at_most_2048_characters)
{
	char url[2050] = "https://x/";

	memset(url + 10, 'a', 2039);
	assert_false(pb_is_picture(str_c(url)));
	url[2048] = '\0';
	assert_true(pb_is_picture(str_c(url)));
}

TEST(a_picture_is_a_data_uri_of_what_it_says)
{
	static const char *const good[] = {
	        "data:image/png;base64,iVBORw0KGgo=",
	        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0k=",
	        "data:image/jpeg;base64,/9j/",
	        "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ==",
	        "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
	        "data:image/gif;base64,R0lGODdhAQABAAAAACw=",
	        "data:image/webp;base64,UklGRiQAAABXRUJQVlA4",
	};
	static const char *const bad[] = {
	        "data:",
	        "data:image/png;base64,",
	        "data:image/png;base64,iVBORw0KGg==",         /* magic cut short */
	        "data:image/png;base64,iVBORw0KGgo",          /* no padding */
	        "data:image/png;base64,iVBORw0KGgo=====",     /* too much of it */
	        "data:image/png;base64,iVBORw0KGg=o",         /* in the middle */
	        "data:image/png;base64,iVBORw0KGgo=\n\n\n\n", /* white space */
	        "data:image/png;base64,iVBORw0KGgo-",         /* the other alphabet */
	        "data:image/png,iVBORw0KGgo=",
	        "data:image/png;charset=x;base64,iVBORw0KGgo=",
	        "data:image/jpeg;base64,iVBORw0KGgo=", /* a PNG */
	        "data:image/jpg;base64,/9j/",
	        "data:image/gif;base64,R0lGODhhAQABAAAAACw=",  /* GIF88a */
	        "data:image/webp;base64,UklGRiQAAABXQVZFZm10", /* a WAV */
	        "data:image/webp;base64,UklGRCQAAABXRUJQVlA4", /* no RIFF */
	        "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=",
	        "data:text/html;base64,PGI+",
	        "DATA:image/png;base64,iVBORw0KGgo=",
	};

	assert_all(pb_is_picture, true, good, COUNT(good));
	assert_all(pb_is_picture, false, bad, COUNT(bad));
}

TEST(a_picture_in_a_data_uri_has_at_most_64_kib)
{
	static const char head[] = "data:image/jpeg;base64,/9j/";
	size_t            room = 65536 / 3 * 4 + 8;
	char             *uri = mem_zalloc(sizeof head + room);
	char             *at = uri + sizeof head - 1;

	memcpy(uri, head, sizeof head);
	memset(at, 'A', room);
	memcpy(at + 65536 / 3 * 4 - 4, "AA==", 5); /* 3 + 65532 + 1 bytes */
	assert_true(pb_is_picture(str_c(uri)));
	memcpy(at + 65536 / 3 * 4 - 4, "AAA=", 5);
	assert_false(pb_is_picture(str_c(uri)));
	mem_free(uri);
}

TEST_MAIN()
