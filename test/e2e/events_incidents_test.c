#include <stdlib.h>
#include <string.h>

#include "test/e2e/incident.h"
#include "test/e2e/sse.h"

/* Server-sent events of incidents around a place. Each test has a region of its own. */
enum { CROWD = 10, POSITIVES = 5, NEGATIVES = 10, QUIET_MS = 300 };

static struct server      server;
static struct e2e_account ann, crowd[CROWD];

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	ann = e2e_register(&server, "ann");
	incident_crowd(&server, "passer", crowd, CROWD);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static void open_stream(struct sse *s, const char *query, const char *last_id)
{
	sse_open(s, &(struct sse_request){.port = server.port, .query = query, .last_id = last_id});
}

/* What ann reports, without the minute that lies between two of one person. */
static int64_t create(double lat, double lon)
{
	incident_rest(&server, ann.id, 61);
	return incident_create(&server, ann.token, INCIDENT_ACCIDENT, lat, lon);
}

static void say(int64_t id, bool is_still_present, int n)
{
	for (int i = 0; i < n; i++)
		assert_answer(incident_say(&server, crowd[i].token, id, is_still_present), 201,
		              NULL);
}

static double real(const struct sse *s, const char *key)
{
	return json_number_value(json_object_get(s->json, key));
}

/* The event has the incident, as GET /incidents shows it but for the distance. */
static void assert_shown(const struct sse *s, double lat, double lon)
{
	struct http_response r = incident_list(&server, NULL, "?lat=%g&lon=%g&radius=10", lat, lon);
	json_t              *listed;

	assert_http(r, 200);
	listed = http_json(&r, "0");
	assert_non_null(listed);
	json_object_del(listed, "distance");
	assert_true(json_equal(listed, s->json));
	http_response_free(&r);
}

TEST(incidents_in_the_circle_are_told)
{
	struct sse s;
	int64_t    id;

	open_stream(&s, "topic=incidents:10,10,5000", NULL);
	create(10, 10.05); /* 5,481 m to the east */
	id = create(10, 10.04);
	assert_event(&s, "incident_create");
	assert_int_equal(sse_int(&s, "id"), id);
	assert_true(real(&s, "lat") == 10 && real(&s, "lon") == 10.04);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(s.json, "type"), "id")),
	                 INCIDENT_ACCIDENT);
	assert_shown(&s, 10, 10.04);

	say(id, true, POSITIVES);
	assert_event(&s, "incident_certified");
	assert_int_equal(sse_int(&s, "id"), id);
	assert_shown(&s, 10, 10.04);
	assert_false(sse_next(&s, QUIET_MS));
	sse_close(&s);
}

TEST(what_people_deny_is_told_to_go)
{
	struct sse s;
	int64_t    id;

	open_stream(&s, "topic=incidents:20,10,100", NULL);
	id = create(20, 10);
	assert_event(&s, "incident_create");
	say(id, false, NEGATIVES);
	assert_event(&s, "incident_deleted");
	assert_int_equal(sse_int(&s, "id"), id);
	assert_true(strlen(sse_text(&s, "deleted_at")) > 0);
	assert_false(sse_next(&s, QUIET_MS));
	sse_close(&s);
}

TEST(circles_and_channels_share_a_stream)
{
	struct sse s;
	int64_t    id;

	e2e_create_channel(&server, ann.token, "road", false);
	open_stream(&s,
	            "topic=incidents:30,179.99,9000&topic=channel:road&topic=incidents:-30,0,50",
	            NULL);
	id = create(30, -179.98);
	assert_event(&s, "incident_create");
	assert_int_equal(sse_int(&s, "id"), id);
	e2e_send(&server, ann.token, "road", "mind the gap");
	assert_event(&s, "message_created");
	id = create(-30, 0);
	assert_event(&s, "incident_create");
	assert_int_equal(sse_int(&s, "id"), id);
	/* A channel that goes leaves the circles. */
	assert_answer(room_ask(&server, "DELETE", "road", "", ann.token, NULL), 204, NULL);
	assert_event(&s, "channel_deleted");
	incident_rest(&server, ann.id, 61);
	id = incident_create(&server, ann.token, INCIDENT_JAM, -30, 0.0004);
	assert_event(&s, "incident_create");
	assert_int_equal(sse_int(&s, "id"), id);
	sse_close(&s);
}

/* Long before the next heartbeat, which would find out too. */
TEST(a_client_that_hangs_up_is_seen)
{
	struct sse s, other;

	open_stream(&other, "topic=incidents:50,10,100", NULL);
	open_stream(&s, "topic=incidents:50,10,100", NULL);
	assert_soon(server_metric(&server, "edge_streams ") == 2);
	sse_close(&s);
	assert_soon(server_metric(&server, "edge_streams ") == 1);
	sse_close(&other);
	assert_soon(server_metric(&server, "edge_streams ") == 0);
}

TEST(who_comes_again_is_told_of_the_incidents_that_were_missed)
{
	char       id[SSE_ID_BYTES];
	int64_t    ids[3];
	struct sse s;

	e2e_create_channel(&server, ann.token, "both", false);
	open_stream(&s, "topic=incidents:40,10,9000&topic=channel:both", NULL);
	create(40, 10);
	assert_event(&s, "incident_create");
	e2e_send(&server, ann.token, "both", "one");
	assert_event(&s, "message_created");
	snprintf(id, sizeof id, "%s", s.id);
	sse_close(&s);
	create(-40, 10);
	for (int i = 0; i < 3; i++)
		ids[i] = create(40, 10.01 + 0.01 * i);
	e2e_send(&server, ann.token, "both", "two");
	open_stream(&s, "topic=incidents:40,10,9000&topic=channel:both", id);
	/* Each service's facts come in their order. */
	for (int i = 0, n_incidents = 0; i < 4; i++) {
		assert_true(sse_next(&s, SSE_WAIT_MS));
		if (strcmp(s.event, "message_created") == 0)
			assert_string_equal(sse_text(&s, "text"), "two");
		else
			assert_int_equal(sse_int(&s, "id"), ids[n_incidents++]);
		assert_true(n_incidents >= i);
	}
	ids[0] = create(40, 10.05);
	assert_event(&s, "incident_create");
	assert_int_equal(sse_int(&s, "id"), ids[0]);
	sse_close(&s);
}

TEST_MAIN(start, stop)
