#include "edge/stream_id.h"

#include "test/support/test.h"

#include <string.h>

TEST(an_id_reads_back_as_it_was_printed)
{
	static const struct {
		struct edge_stream_id id;
		const char           *text;
	} cases[] = {
	        {{{{0, 0}, {0, 0}}}, ""},
	        {{{{7, 42}, {0, 0}}}, "m7.42"},
	        {{{{0, 0}, {1, 0}}}, "i1.0"},
	        {{{{1, 2}, {3, 4}}}, "m1.2-i3.4"},
	        {{{{INT64_MAX, INT64_MAX}, {INT64_MAX, INT64_MAX}}},
	         "m9223372036854775807.9223372036854775807-"
	         "i9223372036854775807.9223372036854775807"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char                  text[EDGE_STREAM_ID_BYTES];
		struct edge_stream_id id;

		assert_int_equal(edge_stream_id_print(&cases[i].id, text), strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
		assert_status(edge_stream_id_parse(str_c(text), &id), CODE_OK);
		assert_memory_equal(&id, &cases[i].id, sizeof id);
	}
}

TEST(what_was_not_printed_is_refused)
{
	static const char *const cases[] = {
	        "m",         "m1",   "m1.",       "m.1",   "m1.2.3",
	        "x1.2",      "M1.2", "m1.2-",     "-m1.2", "m1.2--i3.4",
	        "m1.2-m3.4", "m0.1", "m-1.2",     "m1.-2", "m1.2 ",
	        " m1.2",     "m1,2", "m1.2,i3.4", "m+1.2", "m9223372036854775808.1",
	        "m1.2-i",    "1.2",  "m0x1.2"};
	char                  long_one[EDGE_STREAM_ID_BYTES + 1] = "m1.1";
	struct edge_stream_id id;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (edge_stream_id_parse(str_c(cases[i]), &id).code != CODE_INVALID_ARGUMENT)
			fail_msg("%s was taken", cases[i]);
	memset(long_one + 4, '0', sizeof long_one - 5);
	assert_status(edge_stream_id_parse(str_c(long_one), &id), CODE_INVALID_ARGUMENT);
}

TEST_MAIN()
