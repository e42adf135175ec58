#include "test/e2e/incident.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is told of incidents: to who reads all of it, and to the public. */
enum { CROWD = 5 };

static struct server      server;
static struct e2e_account roger, crowd[CROWD];
static char               listen_url[64], listen_at[128], output[64 * 1024];

static int start(void **state __attribute__((unused)))
{
	static const char *env[2] = {listen_at, NULL};

	snprintf(listen_url, sizeof listen_url, "ipc:///tmp/canaduck-incidents-%d.public",
	         getpid());
	snprintf(listen_at, sizeof listen_at, "INCIDENTS_PUBLIC_EVENTS_LISTEN=%s", listen_url);
	e2e_start(&server, env);
	roger = e2e_register(&server, "roger");
	incident_crowd(&server, "passer", crowd, CROWD);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static int64_t create(int type, double lat, double lon)
{
	incident_rest(&server, roger.id, 61);
	return incident_create(&server, roger.token, type, lat, lon);
}

static void say(int64_t id, bool is_still_present)
{
	for (size_t i = 0; i < CROWD; i++)
		assert_answer(incident_say(&server, crowd[i].token, id, is_still_present), 201,
		              NULL);
}

/* Events below a topic, from the first on, so many; as an array, to be freed by json_decref(). */
static json_t *told(const char *topic, const char *count)
{
	char   *line, *rest = output;
	json_t *events = json_array();

	assert_int_equal(server_run((const char *[]){"canaduck", "sub", "--after", "0", "--count",
	                                             count, topic, NULL},
	                            &server, NULL, output, sizeof output),
	                 0);
	while ((line = strsep(&rest, "\n")))
		if (*line == '{')
			json_array_append_new(events, json_loads(line, 0, NULL));
	return events;
}

/* Looks into one of them as into an answer. */
static struct http_response nth(const json_t *events, size_t n)
{
	return (struct http_response){.json = json_array_get(events, n)};
}

TEST(each_change_of_an_incident_is_told_once_with_what_it_is_then)
{
	static const char *const types[] = {"IncidentCreated", "IncidentCertified",
	                                    "IncidentDeleted"};
	static const char *const actions[] = {"create", "certified", "deleted"};
	static const char *const keys[] = {
	        "created_at id lat lon type updated_at user_id",
	        "certified_at created_at id lat lon type updated_at user_id",
	        "certified_at created_at deleted_at id lat lon type updated_at user_id"};
	int64_t id = create(INCIDENT_ACCIDENT, 48.8566, 2.3522), last;
	json_t *events;

	say(id, true);
	incident_age(&server, id, 3601);
	say(id, true);
	for (int i = 0; i < 2; i++) {
		incident_age(&server, id, 3601);
		say(id, false);
	}
	/* Ten different people are wanted; the events of those who come later are of now. */
	for (size_t i = 0; i < 5; i++) {
		char pseudo[16];

		snprintf(pseudo, sizeof pseudo, "late%zu", i);
		assert_answer(incident_say(&server, e2e_register(&server, pseudo).token, id, false),
		              201, NULL);
	}
	/* Nothing of the same cell was told besides. */
	last = create(INCIDENT_POLICE, 48.8566, 2.3522);
	events = told("incidents.u09.tv", "4");
	assert_int_equal(json_array_size(events), 4);
	for (size_t i = 0; i < 3; i++) {
		struct http_response e = nth(events, i);

		assert_json_text(e, "topic", "incidents.u09.tv");
		assert_string_equal(strrchr(http_text(&e, "type"), '.') + 1, types[i]);
		assert_json(e, "public", "true");
		assert_keys(e, "payload", "action data");
		assert_json_text(e, "payload.action", actions[i]);
		assert_keys(e, "payload.data", keys[i]);
		assert_int_equal(http_int(&e, "payload.data.id"), id);
		assert_int_equal(http_int(&e, "payload.data.user_id"), roger.id);
		assert_keys(e, "payload.data.type", "description id name need_recalculation");
		assert_json(e, "payload.data.lat", "48.8566");
		assert_json(e, "payload.data.lon", "2.3522");
		assert_time(e, "payload.data.updated_at");
	}
	{
		struct http_response e = nth(events, 3);

		assert_int_equal(http_int(&e, "payload.data.id"), last);
	}
	json_decref(events);
}

TEST(what_was_refused_or_known_is_not_told)
{
	int64_t id = create(INCIDENT_JAM, -33.86, 151.2), other;
	json_t *events;

	assert_answer(incident_report(&server, roger.token, INCIDENT_JAM, -33.86, 151.2), 429,
	              "RESOURCE_EXHAUSTED");
	assert_answer(incident_report(&server, crowd[0].token, INCIDENT_JAM, -33.86, 151.2), 200,
	              NULL);
	assert_answer(incident_say(&server, crowd[0].token, id, true), 429, "RESOURCE_EXHAUSTED");
	other = create(INCIDENT_POLICE, -33.86, 151.2);
	events = told("incidents.r3g", "2");
	{
		struct http_response first = nth(events, 0), second = nth(events, 1);

		assert_int_equal(http_int(&first, "payload.data.id"), id);
		assert_int_equal(http_int(&second, "payload.data.id"), other);
	}
	json_decref(events);
}

/* Runs a shell that listens while incidents are reported, until it has heard enough. */
static const char *hear(const char *command, double lat, double lon)
{
	FILE  *shell = popen(command, "r");
	size_t n = 0;
	int    fd;

	assert_non_null(shell);
	fd = fileno(shell);
	for (int64_t until = clock_after_ms(20000); clock_now_ns() < until; lat += 0.01) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		ssize_t       more;

		create(INCIDENT_JAM, lat, lon);
		if (poll(&ready, 1, 100) != 1)
			continue;
		more = read(fd, output + n, sizeof output - 1 - n);
		if (more <= 0)
			break;
		n += (size_t)more;
	}
	output[n] = '\0';
	pclose(shell);
	return output;
}

TEST(the_public_hears_of_incidents_as_they_happen)
{
	char                 command[512];
	struct http_response event = {0};

	snprintf(command, sizeof command,
	         "RUN_DIR=%s JWT_SECRET='%s' exec timeout 30 '%s' sub --public --at %s --count 1"
	         " incidents",
	         server.run_dir, SERVER_JWT_SECRET, CANADUCK_EXECUTABLE, listen_url);
	event.json = json_loads(hear(command, 10, 10), 0, NULL);
	if (event.json == NULL)
		fail_msg("heard: %s", output);
	assert_json_text(event, "service", "incidents");
	assert_json_text(event, "payload.action", "create");
	assert_json(event, "payload.data.lon", "10");
	json_decref(event.json);
}

TEST(any_client_of_nng_hears_a_part_of_the_world)
{
	char command[512];

	snprintf(command, sizeof command,
	         "exec timeout 30 nngcat --sub --subscribe 'incidents.s' --dial %s --raw --count 1",
	         listen_url);
	assert_int_equal(strncmp(hear(command, 20, 20), "incidents.s", 11), 0);
}

TEST_MAIN(start, stop)
