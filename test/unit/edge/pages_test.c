#include "edge/pages.h"

#include "test/support/test.h"

TEST(an_entity_tag_is_known_when_the_list_names_it)
{
	static const struct {
		const char *header;
		bool        is_known;
	} cases[] = {
	        {"", false},
	        {"\"abc\"", true},
	        {"W/\"abc\"", true},
	        {"\"xyz\", \"abc\"", true},
	        {"\"xyz\",W/\"abc\" , \"uvw\"", true},
	        {"*", true},
	        {"abc", false},
	        {"\"ab\"", false},
	        {"\"abcd\"", false},
	        {"W/", false},
	        {",,", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(edge_pages_is_known(str_c(cases[i].header), STR("\"abc\"")),
		                 cases[i].is_known);
}

TEST_MAIN()
