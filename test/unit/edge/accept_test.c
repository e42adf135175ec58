#include "edge/accept.h"

#include "base/buf.h"
#include "test/support/test.h"

static const str forms[] = {{"application/json", 16}, {"application/geo+json", 20}};

static unsigned choose(const char *accept)
{
	return edge_accept_choose(str_c(accept), forms, 2);
}

enum { JSON, GEOJSON };

struct accept_case {
	const char *accept;
	unsigned    form;
};

static void check(const struct accept_case *cases)
{
	for (; cases->accept; cases++)
		if (choose(cases->accept) != cases->form)
			fail_msg("%s: form %u", cases->accept, choose(cases->accept));
}

TEST(the_form_with_the_greatest_weight_is_chosen)
{
	static const struct accept_case cases[] = {
	        {"application/geo+json", GEOJSON},
	        {"application/json", JSON},
	        {"application/json;q=0.5, application/geo+json", GEOJSON},
	        {"application/geo+json;q=0.9,application/json", JSON},
	        {"application/geo+json;q=0.501,application/json;q=0.5", GEOJSON},
	        {"application/geo+json;q=0.5,application/json;q=0.501", JSON},
	        {"application/geo+json ; q=1.000 , application/json ;\tQ=0.999", GEOJSON},
	        {"text/html, application/geo+json;q=0.1", GEOJSON},
	        {"Application/GEO+JSON", GEOJSON},
	        {NULL, 0},
	};

	check(cases);
}

TEST(the_most_exact_range_gives_the_weight)
{
	static const struct accept_case cases[] = {
	        {"*/*, application/json;q=0.5", GEOJSON},
	        {"application/*, application/json;q=0.5", GEOJSON},
	        {"application/*;q=0.1, */*, application/json;q=0.2", JSON},
	        {"*/*;q=0.9, application/geo+json;q=0.5", JSON},
	        {"application/geo+json;q=0, */*", JSON},
	        {"application/json;q=0, */*;q=0.1", GEOJSON},
	        {NULL, 0},
	};

	check(cases);
}

TEST(of_equal_weights_the_more_exact_name_counts_then_the_first_then_the_default)
{
	static const struct accept_case cases[] = {
	        {"application/geo+json, */*", GEOJSON},
	        {"application/json, text/plain, */*", JSON},
	        {"application/geo+json, application/json", GEOJSON},
	        {"application/json, application/geo+json", JSON},
	        {"*/*", JSON},
	        {"application/*", JSON},
	        {NULL, 0},
	};

	check(cases);
}

TEST(the_default_answers_what_takes_no_form_and_what_makes_no_sense)
{
	static const struct accept_case cases[] = {
	        {"", JSON},
	        {",, ,", JSON},
	        {"text/html", JSON},
	        {"application/json;q=0", JSON},
	        {"application/geo+json;q=0", JSON},
	        {"application/json;q=0, application/geo+json;q=0", JSON},
	        {"geo+json", JSON},
	        {"application/geo+jso", JSON},
	        {"application/geo+json2", JSON},
	        {"*/geo+json", JSON},
	        {"application/geo+json/x", JSON},
	        {"application /geo+json", JSON},
	        {"application/geo+json;q=2", JSON},
	        {"application/geo+json;q=1.001", JSON},
	        {"application/geo+json;q=0.1234", JSON},
	        {"application/geo+json;q=-1", JSON},
	        {"application/geo+json;q=.5", JSON},
	        {"application/geo+json;q=", JSON},
	        {"application/geo+json;q=0,5", JSON},
	        {"application/\xc3\xa9, application/json", JSON},
	        {NULL, 0},
	};

	check(cases);
}

TEST(a_malformed_range_does_not_spoil_the_others)
{
	static const struct accept_case cases[] = {
	        {"nonsense, application/geo+json;q=0.1", GEOJSON},
	        {"application/json;q=x, application/geo+json", GEOJSON},
	        {"*/json, , application/geo+json", GEOJSON},
	        {NULL, 0},
	};

	check(cases);
}

TEST(other_parameters_are_read_over_with_their_quotes)
{
	static const struct accept_case cases[] = {
	        {"application/geo+json; charset=utf-8", GEOJSON},
	        {"application/geo+json; a=\"b, c;q=0\"; q=0.7, application/json;q=0.6", GEOJSON},
	        {"application/geo+json; a=\"\\\", application/json;q=0.9, \"", GEOJSON},
	        {"text/html; a=\"application/geo+json, ", JSON},
	        {"text/html; a=\"\\", JSON},
	        {NULL, 0},
	};

	check(cases);
}

/* So many ranges that say nothing, then one. */
static unsigned choose_after(unsigned n)
{
	struct buf text;
	unsigned   form;

	buf_init(&text, 4096);
	for (unsigned i = 0; i < n; i++)
		buf_put(&text, STR("text/html,"));
	buf_put(&text, STR("application/geo+json"));
	assert_status(buf_status(&text), CODE_OK);
	form = edge_accept_choose(buf_str(&text), forms, 2);
	buf_fini(&text);
	return form;
}

TEST(ranges_past_the_limit_do_not_count)
{
	assert_int_equal(choose_after(EDGE_ACCEPT_MAX_RANGES - 1), GEOJSON);
	assert_int_equal(choose_after(EDGE_ACCEPT_MAX_RANGES), JSON);
}

TEST_MAIN()
