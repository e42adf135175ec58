#include "edge/stream_topic.h"

#include "test/support/test.h"

#include <string.h>

TEST(topics_are_of_channels_or_circles)
{
	static const struct {
		const char *text;
		bool        is_fine;
	} cases[] = {
	        {"channel:tech", true},
	        {"channel:#tech", true},
	        {"channel:a:b", true},
	        {"incidents:48.85,2.35,5000", true},
	        {"incidents:-90,180,20037508", true},
	        {"incidents:1e1,-0,0.5", true},
	        {"", false},
	        {"channel", false},
	        {"channel:", false},
	        {"channel:#", false},
	        {"Channel:tech", false},
	        {"channels:tech", false},
	        {"incidents:", false},
	        {"incidents:1,2", false},
	        {"incidents:1,2,", false},
	        {"incidents:1,2,3,4", false},
	        {"incidents:1,2,3 ", false},
	        {"incidents: 1,2,3", false},
	        {"incidents:90.1,2,3", false},
	        {"incidents:1,-180.1,3", false},
	        {"incidents:1,2,0", false},
	        {"incidents:1,2,-3", false},
	        {"incidents:1,2,20037509", false},
	        {"incidents:NaN,2,3", false},
	        {"incidents:1,2,Infinity", false},
	        {"incidents:0x1,2,3", false},
	        {"incidents:+1,2,3", false},
	};
	struct edge_stream_topic t;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const status st = edge_stream_topic_parse(str_c(cases[i].text), &t);

		if ((st.code == CODE_OK) != cases[i].is_fine)
			fail_msg("%s: %s", cases[i].text, st.msg);
	}
}

TEST(a_topic_says_what_it_is_about)
{
	struct edge_stream_topic t;

	assert_status(edge_stream_topic_parse(STR("channel:#Tech"), &t), CODE_OK);
	assert_int_equal(t.kind, EDGE_STREAM_CHANNEL);
	assert_str(t.channel, "#Tech");
	assert_status(edge_stream_topic_parse(STR("incidents:48.5,-2.25,100"), &t), CODE_OK);
	assert_int_equal(t.kind, EDGE_STREAM_CIRCLE);
	assert_true(t.circle.lat == 48.5 && t.circle.lon == -2.25 && t.circle.radius == 100);
}

TEST(a_topic_has_a_greatest_length)
{
	char                     text[EDGE_STREAM_MAX_TOPIC + 2];
	struct edge_stream_topic t;

	memset(text, 'a', sizeof text);
	memcpy(text, "channel:", 8);
	assert_status(edge_stream_topic_parse((str){text, EDGE_STREAM_MAX_TOPIC}, &t), CODE_OK);
	assert_status(edge_stream_topic_parse((str){text, EDGE_STREAM_MAX_TOPIC + 1}, &t),
	              CODE_INVALID_ARGUMENT);
}

/* The distances are PostGIS's, over the spheroid. */
TEST(circles_are_round_everywhere)
{
	static const struct {
		double lat1, lon1, lat2, lon2, metres;
	} cases[] = {
	        {48.8566, 2.3522, 45.7640, 4.8357, 391712.705},
	        {48.8566, 2.3522, 48.9, 2.4, 5965.488},
	        {0, 0, 0.04, 0, 4422.971},
	        {0, 0, 0, 0.04, 4452.780},
	        {60, 10, 60.01, 10, 1114.124},
	        {60, 10, 60, 10.02, 1116.000},
	        {-33.86, 151.2, 51.5, -0.12, 16987930.808},
	        {0, 179.9, 0, -179.9, 22263.898}, /* across the date line */
	        {89.9, 0, 89.9, 180, 22338.796},  /* and a pole */
	        {90, 0, 90, 123, 0},              /* where every longitude is one */
	        {-12.5, 45, -12.5, 45, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const double              off = cases[i].metres * 0.00005 + 0.01;
		struct edge_stream_circle c = {cases[i].lat1, cases[i].lon1, cases[i].metres + off};

		if (!edge_stream_circle_has(&c, cases[i].lat2, cases[i].lon2))
			fail_msg("case %zu is out", i);
		c.radius = cases[i].metres - off;
		if (edge_stream_circle_has(&c, cases[i].lat2, cases[i].lon2))
			fail_msg("case %zu is in", i);
	}
}

TEST(half_the_girth_reaches_the_other_side)
{
	struct edge_stream_circle c = {0, 0, 20037508};

	for (int lat = -90; lat <= 90; lat += 5)
		for (int lon = -180; lon <= 180; lon += 5)
			assert_true(edge_stream_circle_has(&c, lat, lon));
	c.radius = 19800000;
	assert_false(edge_stream_circle_has(&c, 0, 180));
}

TEST_MAIN()
