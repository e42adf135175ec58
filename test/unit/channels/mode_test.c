#include "services/channels/mode.h"

#include "test/support/test.h"

TEST(modes_change_as_the_signs_before_them_say)
{
	static const struct {
		const char *before, *change, *after;
	} cases[] = {
	        {"nt", "+r", "nrt"},     {"nt", "-t", "n"},        {"nt", "+t", "nt"},
	        {"nt", "-r", "nt"},      {"nrt", "-r+p", "npt"},   {"", "+tprnm", "mnprt"},
	        {"mnprt", "-mnprt", ""}, {"n", "+r-r", "n"},       {"r", "-r+r", "r"},
	        {"n", "+rr", "nr"},      {"nt", "-n-t+m+p", "mp"},
	};
	struct arena a;

	arena_init(&a, 4096);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct channels_mode_change change;

		assert_true(channels_mode_parse(str_c(cases[i].change), &change));
		assert_str(channels_mode_apply(str_c(cases[i].before), change, &a), cases[i].after);
	}
	arena_fini(&a);
}

TEST(what_is_no_change_of_modes_is_refused)
{
	static const char *const texts[] = {
	        "",   "r",   "+",   "-",    "+-r", "+r-",   "+x",
	        "+R", "r+t", "+ r", "+r t", "++r", "+r,+t", "+rnrnrnrnrnrnrnrnrnrnrnrnrnrnrnrn",
	};
	struct channels_mode_change change = {7, 8};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(channels_mode_parse(str_c(texts[i]), &change));
	assert_int_equal(change.on, 7);
	assert_int_equal(change.off, 8);
	assert_true(channels_mode_parse(STR("+rnrnrnrnrnrnrnrnrnrnrnrnrnrnrnr"), &change));
}

TEST_MAIN()
