#include "edge/internal.h"

#include "test/support/test.h"

TEST(an_origin_is_allowed_when_the_list_names_it_whole)
{
	static const struct {
		const char *origins, *origin;
		bool        allowed;
	} cases[] = {
	        {"", "https://a.example", false},
	        {"*", "https://a.example", true},
	        {"https://a.example", "https://a.example", true},
	        {"https://a.example", "https://a.example.evil", false},
	        {"https://a.example", "http://a.example", false},
	        {"https://b.example , https://a.example", "https://a.example", true},
	        {"https://a.example,", "", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		        edge_cors_is_allowed(str_c(cases[i].origins), str_c(cases[i].origin)),
		        cases[i].allowed);
}

TEST(an_origin_is_the_same_when_it_is_where_the_request_went)
{
	static const struct {
		const char *origin, *host;
		bool        is_same;
	} cases[] = {
	        {"http://127.0.0.1:8080", "127.0.0.1:8080", true},
	        {"https://chat.example", "chat.example", true},
	        {"https://chat.example", "Chat.Example:443", true},
	        {"http://chat.example", "chat.example:80", true},
	        {"https://chat.example:8443", "chat.example", false},
	        {"https://chat.example", "chat.example:8443", false},
	        {"https://evil.example", "chat.example", false},
	        {"https://chat.example.evil", "chat.example", false},
	        {"null", "chat.example", false},
	        {"chat.example", "chat.example", false},
	        {"file://chat.example", "chat.example", false},
	        {"", "", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(edge_cors_is_same(str_c(cases[i].origin), str_c(cases[i].host)),
		                 cases[i].is_same);
}

TEST_MAIN()
