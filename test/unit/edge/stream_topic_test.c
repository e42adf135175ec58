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

TEST(circles_are_round_everywhere)
{
	static const struct {
		struct edge_stream_circle circle;
		double                    lat, lon;
		bool                      is_in;
	} cases[] = {
	        {{48.8566, 2.3522, 1}, 48.8566, 2.3522, true},
	        /* Paris to Lyon: 391.5 km */
	        {{48.8566, 2.3522, 395000}, 45.7640, 4.8357, true},
	        {{48.8566, 2.3522, 388000}, 45.7640, 4.8357, false},
	        /* across the date line: 0.2 degrees of the equator are 22.2 km */
	        {{0, 179.9, 23000}, 0, -179.9, true},
	        {{0, 179.9, 22000}, 0, -179.9, false},
	        /* at a pole every longitude is the same place */
	        {{90, 0, 1}, 90, 123, true},
	        {{89.9, 0, 23000}, 89.9, 180, true},
	        {{89.9, 0, 22000}, 89.9, 180, false},
	        /* the other side of the Earth */
	        {{0, 0, 20037508}, 0, 180, true},
	        {{0, 0, 20000000}, 0, 180, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (edge_stream_circle_has(&cases[i].circle, cases[i].lat, cases[i].lon) !=
		    cases[i].is_in)
			fail_msg("case %zu", i);
}

TEST_MAIN()
