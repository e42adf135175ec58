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

TEST_MAIN()
