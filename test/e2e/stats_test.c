#include "test/e2e/talk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/e2e/sql.h"

static struct server      server;
static struct sql         sql;
static struct e2e_account owner, guest;
static char               listen_at[128], listen_url[96];

static int start(void **state __attribute__((unused)))
{
	static const char *env[2] = {listen_at, NULL};

	snprintf(listen_url, sizeof listen_url, "ipc:///tmp/canaduck-stats-%d.public", getpid());
	snprintf(listen_at, sizeof listen_at, "STATS_PUBLIC_EVENTS_LISTEN=%s", listen_url);
	e2e_start(&server, env);
	sql_open(&sql, server.db_url);
	owner = e2e_register(&server, "owner");
	guest = e2e_register(&server, "guest");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	sql_close(&sql);
	server_stop(&server);
	return 0;
}

/* ---- looking ---- */

static struct http_response get(const char *format, ...) __attribute__((format(printf, 1, 2)));

static struct http_response get(const char *format, ...)
{
	char    path[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(path, sizeof path, format, ap);
	va_end(ap);
	return http_get(server.port, path, NULL);
}

/* The number beside a text in a list of the route; -1: the text is not there. */
static int64_t number_of(const char *path, const char *key, const char *text, const char *number)
{
	struct http_response r = get("%s", path);
	int64_t              found = -1;
	size_t               i;
	json_t              *row;

	assert_http(r, 200);
	json_array_foreach(http_json(&r, "result"), i, row)
	{
		const char *has = json_string_value(json_object_get(row, key));

		if (has && strcmp(has, text) == 0)
			found = json_integer_value(json_object_get(row, number));
	}
	http_response_free(&r);
	return found;
}

static int64_t in_channel(const char *name)
{
	return number_of("/stats/active-channels?limit=1000", "channel", name, "messages");
}

static int64_t of_user(const char *pseudo)
{
	return number_of("/stats/messages-per-user?limit=1000", "user", pseudo, "messages");
}

static int64_t reactions_to(const char *text)
{
	return number_of("/stats/top-reacted-messages?limit=1000", "text", text, "reactions");
}

static int64_t sum_of(const char *path)
{
	struct http_response r = get("%s", path);
	int64_t              sum = 0;
	size_t               i;
	json_t              *row;

	assert_http(r, 200);
	json_array_foreach(http_json(&r, "result"), i, row) sum +=
	        json_integer_value(json_object_get(row, "messages"));
	http_response_free(&r);
	return sum;
}

static int64_t in_all_hours(void)
{
	return sum_of("/stats/hourly-activity?limit=1000");
}

/* All that the routes say. */
static char *everything(void)
{
	static const char *const paths[] = {
	        "/stats/active-channels?limit=1000", "/stats/hourly-activity?limit=1000",
	        "/stats/messages-per-user?limit=1000", "/stats/top-reacted-messages?limit=1000"};
	char  *all = NULL;
	size_t size = 0;
	FILE  *out = open_memstream(&all, &size);

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct http_response r = get("%s", paths[i]);

		assert_http(r, 200);
		fprintf(out, "%.*s\n", (int)r.body_len, r.body);
		http_response_free(&r);
	}
	fclose(out);
	return all;
}

static bool says(const char *text)
{
	char *all = everything();
	bool  is_said = strstr(all, text) != NULL;

	free(all);
	return is_said;
}

/* ---- changing ---- */

static void set_mode(const struct e2e_account *who, const char *channel, const char *mode)
{
	char                 path[128];
	struct http_response r;

	snprintf(path, sizeof path, "/channel/%s", channel);
	r = e2e_ask(&server, "PATCH", path, who->token, "{\"mode\":\"%s\"}", mode);
	assert_http(r, 200);
	http_response_free(&r);
}

static void react(const struct e2e_account *who, int64_t id, const char *emoji)
{
	assert_answer(talk_react(&server, "POST", who->token, id, emoji), 200, NULL);
}

static void delete_it(const struct e2e_account *who, const char *path)
{
	assert_answer(e2e_ask(&server, "DELETE", path, who->token, "%s", ""), 204, NULL);
}

static void rebuild(void)
{
	char output[4096];

	if (server_run((const char *[]){"canaduck", "stats", "rebuild", NULL}, &server, NULL,
	               output, sizeof output) != 0)
		fail_msg("stats rebuild: %s", output);
}

/* ---- the routes ---- */

TEST(channels_are_listed_by_how_much_is_written_in_them)
{
	struct http_response r;

	e2e_create_channel(&server, owner.token, "quiet", false);
	e2e_create_channel(&server, owner.token, "loud", false);
	e2e_create_channel(&server, owner.token, "silent", false);
	e2e_send(&server, owner.token, "quiet", "a");
	for (int i = 0; i < 30; i++)
		e2e_send(&server, owner.token, "loud", "b");
	assert_soon(in_channel("loud") == 30 && in_channel("quiet") == 1);
	assert_int_equal(in_channel("silent"), -1);
	r = get("/stats/active-channels?limit=1");
	assert_json(r, "result", "[{\"channel\":\"loud\",\"messages\":30}]");
	http_response_free(&r);
}

TEST(people_are_listed_by_how_much_they_wrote)
{
	struct e2e_account talker = e2e_register(&server, "talker");

	e2e_create_channel(&server, talker.token, "talkers", false);
	for (int i = 0; i < 3; i++)
		e2e_send(&server, talker.token, "talkers", "a");
	assert_soon(of_user("talker") == 3);
	assert_true(of_user("owner") > 3 || of_user("owner") == -1);
}

TEST(messages_are_listed_by_their_reactions)
{
	struct http_response r;
	int64_t              one, two;

	e2e_create_channel(&server, owner.token, "stage", false);
	one = e2e_send(&server, owner.token, "stage", "one reaction");
	two = e2e_send(&server, owner.token, "stage", "two reactions");
	e2e_send(&server, owner.token, "stage", "none");
	react(&guest, one, "+1");
	react(&owner, two, "+1");
	react(&owner, two, "+1");
	react(&owner, two, "-1");
	assert_soon(reactions_to("one reaction") == 1 && reactions_to("two reactions") == 2);
	assert_int_equal(reactions_to("none"), -1);
	r = get("/stats/top-reacted-messages?limit=1");
	assert_keys(r, "result.0", "channel from id reactions text");
	assert_int_equal(http_int(&r, "result.0.id"), two);
	assert_json_text(r, "result.0.channel", "stage");
	assert_json_text(r, "result.0.from", "owner");
	http_response_free(&r);

	r = e2e_ask(&server, "DELETE", "/msg/reaction", owner.token,
	            "{\"id\":%" PRId64 ",\"emoji\":\"-1\"}", two);
	assert_http(r, 200);
	http_response_free(&r);
	assert_soon(reactions_to("two reactions") == 1);
}

TEST(the_text_of_a_message_is_the_edited_one)
{
	int64_t id;

	e2e_create_channel(&server, owner.token, "edits", false);
	id = e2e_send(&server, owner.token, "edits", "text before");
	react(&guest, id, "+1");
	assert_soon(reactions_to("text before") == 1);
	assert_answer(talk_ask(&server, "PUT", id, "", owner.token, "{\"text\":\"text after\"}"),
	              200, NULL);
	assert_soon(reactions_to("text after") == 1);
	assert_false(says("text before"));
	assert_int_equal(in_channel("edits"), 1);
}

/* ---- periods ---- */

/* Messages of a channel at these times, as if they had been written then. */
static void write_at(const char *channel, const char *const *times, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char    statement[256];
		int64_t id = e2e_send(&server, owner.token, channel, channel);

		react(&guest, id, "+1");
		snprintf(statement, sizeof statement,
		         "UPDATE messages.messages SET created_time = '%s' WHERE id = %" PRId64 ";",
		         times[i], id);
		sql_run(&sql, statement);
	}
	assert_soon(in_channel(channel) == (int64_t)n);
	rebuild();
}

TEST(hours_are_listed_oldest_first_the_newest_ones_only)
{
	static const char *const times[] = {"2030-01-01T10:00:00Z", "2030-01-01T10:59:59.999999Z",
	                                    "2030-01-01T11:00:00Z", "2030-01-03T00:30:00Z"};
	struct http_response     r;

	e2e_create_channel(&server, owner.token, "hours", false);
	write_at("hours", times, 4);
	r = get("/stats/hourly-activity?since=2030-01-01T00:00:00Z&until=2031-01-01T00:00:00Z");
	assert_json(r, "result",
	            "[{\"hour\":\"2030-01-01T10:00:00Z\",\"messages\":2},"
	            "{\"hour\":\"2030-01-01T11:00:00Z\",\"messages\":1},"
	            "{\"hour\":\"2030-01-03T00:00:00Z\",\"messages\":1}]");
	http_response_free(&r);
	r = get("/stats/hourly-activity?limit=2&since=2030-01-01T00:00:00Z"
	        "&until=2031-01-01T00:00:00Z");
	assert_json(r, "result",
	            "[{\"hour\":\"2030-01-01T11:00:00Z\",\"messages\":1},"
	            "{\"hour\":\"2030-01-03T00:00:00Z\",\"messages\":1}]");
	http_response_free(&r);
	delete_it(&owner, "/channel/hours");
	assert_soon(in_channel("hours") == -1);
}

TEST(a_period_begins_with_since_and_ends_before_until)
{
	static const char *const times[] = {"2035-05-05T09:30:00Z", "2035-05-05T10:00:00Z",
	                                    "2035-05-05T10:30:00Z", "2035-05-05T10:30:00.000001Z",
	                                    "2035-05-05T11:00:00Z", "2035-05-05T12:15:00Z"};
	static const struct {
		const char *query;
		int64_t     messages;
	} cases[] = {
	        {"since=2035-05-05T00:00:00Z", 6},
	        {"since=2035-05-05T09:30:00Z", 6},
	        {"since=2035-05-05T09:30:00.000000001Z", 5},
	        {"since=2035-05-05T10:30:00.000000001Z", 3},
	        {"since=2035-05-05T09:00:00Z&until=2035-05-05T12:15:00Z", 5},
	        {"since=2035-05-05T09:45:00Z&until=2035-05-05T12:15:00.000000001Z", 5},
	        {"since=2035-05-05T10:00:00Z&until=2035-05-05T11:00:00Z", 3},
	        {"since=2035-05-05T10:10:00Z&until=2035-05-05T10:30:00Z", 0},
	        {"since=2035-05-05T10:10:00Z&until=2035-05-05T10:31:00Z", 2},
	        {"since=2035-05-05T10:10:00Z&until=2035-05-05T11:10:00Z", 3},
	        {"since=2035-05-05T11:10:00Z&until=2035-05-05T10:10:00Z", 0},
	        {"since=2035-05-05T12:00:00%2B02:00&until=2035-05-05T13:00:00%2B02:00", 3},
	        {"until=1969-01-01T00:00:00Z", 0},
	        {"since=9999-12-31T23:59:59Z", 0},
	};

	e2e_create_channel(&server, owner.token, "period", false);
	write_at("period", times, 6);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		static const char *const routes[] = {"active-channels", "hourly-activity",
		                                     "messages-per-user"};
		struct http_response     r;

		for (size_t k = 0; k < sizeof routes / sizeof *routes; k++) {
			char path[256];

			snprintf(path, sizeof path, "/stats/%s?limit=1000&%s", routes[k],
			         cases[i].query);
			if (sum_of(path) != cases[i].messages)
				fail_msg("%s: %" PRId64, path, sum_of(path));
		}
		r = get("/stats/top-reacted-messages?limit=1000&%s", cases[i].query);
		assert_int_equal(json_array_size(http_json(&r, "result")), cases[i].messages);
		http_response_free(&r);
	}
	delete_it(&owner, "/channel/period");
	assert_soon(in_channel("period") == -1);
}

TEST(what_is_asked_for_must_make_sense)
{
	static const char *const routes[] = {"active-channels", "hourly-activity",
	                                     "messages-per-user", "top-reacted-messages"};

	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		struct http_response r;

		assert_answer(get("/stats/%s?limit=1", routes[i]), 200, NULL);
		assert_answer(get("/stats/%s?limit=1000", routes[i]), 200, NULL);
		r = get("/stats/%s?limit=0", routes[i]);
		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, "limit");
		http_response_free(&r);
		assert_answer(get("/stats/%s?limit=1001", routes[i]), 422, "INVALID_ARGUMENT");
		assert_answer(get("/stats/%s?limit=ten", routes[i]), 400, "INVALID_ARGUMENT");
		assert_answer(get("/stats/%s?since=yesterday", routes[i]), 400, "INVALID_ARGUMENT");
		assert_answer(get("/stats/%s?until=2035-13-01T00:00:00Z", routes[i]), 400,
		              "INVALID_ARGUMENT");
	}
}

/* ---- what is nobody's business ---- */

TEST(what_is_private_is_counted_nowhere_until_it_is_public)
{
	int64_t before, id;

	e2e_create_channel(&server, owner.token, "lamp", false);
	e2e_send(&server, owner.token, "lamp", "light");
	assert_soon(in_channel("lamp") == 1);
	before = in_all_hours();

	e2e_create_channel(&server, guest.token, "cellar", true);
	id = e2e_send(&server, guest.token, "cellar", "psst");
	e2e_send(&server, guest.token, "cellar", "hush");
	react(&guest, id, "+1");
	talk_to(&server, guest.token, "owner", "between the two of us");
	/* What is told later is there: so is what was told before. */
	e2e_send(&server, owner.token, "lamp", "light");
	assert_soon(in_channel("lamp") == 2);
	assert_int_equal(in_all_hours(), before + 1);
	assert_false(says("cellar"));
	assert_false(says("psst"));
	assert_false(says("between the two"));

	set_mode(&guest, "cellar", "-p");
	assert_soon(in_channel("cellar") == 2);
	assert_int_equal(reactions_to("psst"), 1);
	assert_int_equal(in_all_hours(), before + 3);
	set_mode(&guest, "cellar", "+p");
	assert_soon(in_channel("cellar") == -1);
	assert_false(says("psst"));
	assert_int_equal(in_all_hours(), before + 1);
}

TEST(what_was_deleted_is_counted_no_longer)
{
	char    path[64];
	int64_t id, kept;

	e2e_create_channel(&server, owner.token, "doomed", false);
	kept = e2e_send(&server, owner.token, "doomed", "kept for now");
	id = e2e_send(&server, owner.token, "doomed", "deleted soon");
	react(&owner, id, "+1");
	react(&owner, kept, "+1");
	assert_soon(in_channel("doomed") == 2 && reactions_to("deleted soon") == 1);
	snprintf(path, sizeof path, "/msg/%" PRId64, id);
	delete_it(&owner, path);
	assert_soon(in_channel("doomed") == 1);
	assert_false(says("deleted soon"));
	delete_it(&owner, "/channel/doomed");
	assert_soon(in_channel("doomed") == -1);
	assert_false(says("kept for now"));
	/* What is left goes. */
	assert_soon(sql_number(&sql, "SELECT count(*) FROM stats.leftovers;") == 0);
	assert_int_equal(sql_number(&sql, "SELECT count(*) FROM stats.messages AS m JOIN"
	                                  " stats.channels AS c ON c.id = m.channel_id"
	                                  " WHERE c.is_deleted;"),
	                 0);
}

TEST(names_are_those_of_now)
{
	struct e2e_account   caterpillar = e2e_register(&server, "caterpillar");
	struct http_response r;
	int64_t              id;

	e2e_create_channel(&server, owner.token, "meadow", false);
	e2e_join(&server, caterpillar.token, "meadow");
	id = e2e_send(&server, caterpillar.token, "meadow", "leaf");
	react(&owner, id, "+1");
	assert_soon(of_user("caterpillar") == 1);
	r = e2e_ask(&server, "PATCH", "/users/me", caterpillar.token, "{\"handle\":\"moth\"}");
	assert_http(r, 200);
	http_response_free(&r);
	assert_soon(of_user("moth") == 1);
	assert_false(says("caterpillar"));

	/* The name goes to somebody else, who wrote nothing. */
	r = e2e_ask(&server, "PATCH", "/users/me", e2e_register(&server, "heir").token,
	            "{\"handle\":\"caterpillar\"}");
	assert_http(r, 200);
	http_response_free(&r);
	assert_int_equal(of_user("caterpillar"), -1);
	{
		struct e2e_session moth = e2e_login(&server, "moth");

		assert_answer(e2e_ask(&server, "DELETE", "/user/moth", moth.token, "%s", ""), 204,
		              NULL);
	}
	assert_soon(of_user("deleted") == 1);
	assert_false(says("moth"));
	assert_int_equal(in_channel("meadow"), 1);
}

/* ---- counting anew ---- */

TEST(a_rebuild_changes_nothing)
{
	char *before, *after;

	e2e_create_channel(&server, owner.token, "stable", false);
	e2e_create_channel(&server, owner.token, "hidden_stable", true);
	react(&owner, e2e_send(&server, owner.token, "stable", "horse"), "+1");
	e2e_send(&server, owner.token, "hidden_stable", "unicorn");
	assert_soon(reactions_to("horse") == 1);
	before = everything();
	rebuild();
	rebuild();
	after = everything();
	assert_string_equal(after, before);
	free(before);
	free(after);
	/* And goes on from there. */
	e2e_send(&server, owner.token, "stable", "foal");
	assert_soon(in_channel("stable") == 2);
}

TEST(a_rebuild_mends_what_is_wrong)
{
	int64_t id;

	e2e_create_channel(&server, owner.token, "broken", false);
	id = e2e_send(&server, owner.token, "broken", "cracked");
	react(&owner, id, "+1");
	e2e_send(&server, owner.token, "broken", "lost");
	assert_soon(in_channel("broken") == 2 && reactions_to("cracked") == 1);
	sql_run(&sql, "UPDATE stats.messages SET reactions = 7 WHERE text = 'cracked';"
	              " DELETE FROM stats.messages WHERE id > (SELECT id FROM stats.messages"
	              "   WHERE text = 'cracked');"
	              " INSERT INTO stats.messages SELECT 9000000000, channel_id, account_id,"
	              "   created_time, 9, 'invented', 1 FROM stats.messages"
	              "   WHERE text = 'cracked';"
	              " UPDATE stats.counts SET messages = messages + 5;"
	              " UPDATE stats.channels SET name = 'nonsense' WHERE name = 'broken';");
	assert_int_equal(in_channel("broken"), -1);
	rebuild();
	assert_int_equal(in_channel("broken"), 2);
	assert_int_equal(reactions_to("cracked"), 1);
	assert_false(says("invented"));
	assert_false(says("nonsense"));
}

TEST(a_rebuild_leaves_channels_that_are_right_alone)
{
	static const char rows[] = "SELECT string_agg(ctid::text, ' ' ORDER BY id)"
	                           "  FROM stats.channels WHERE NOT is_deleted;";
	char             *before;

	e2e_create_channel(&server, owner.token, "left_alone", false);
	e2e_send(&server, owner.token, "left_alone", "hermit");
	assert_soon(in_channel("left_alone") == 1);
	before = strdup(sql_run(&sql, rows));
	rebuild();
	assert_string_equal(sql_run(&sql, rows), before);
	free(before);
}

/* ---- subscribers ---- */

/* Runs a shell that listens while messages are written, until it has heard enough. */
static char *hear(const char *command, const char *channel)
{
	static char heard[64 * 1024];
	FILE       *shell = popen(command, "r");
	size_t      n = 0;
	int         fd;

	assert_non_null(shell);
	fd = fileno(shell);
	for (int64_t until = clock_after_ms(20000); clock_now_ns() < until;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		ssize_t       more;

		e2e_send(&server, owner.token, channel, "tick");
		if (poll(&ready, 1, 100) != 1)
			continue;
		more = read(fd, heard + n, sizeof heard - 1 - n);
		if (more <= 0)
			break;
		n += (size_t)more;
	}
	heard[n] = '\0';
	pclose(shell);
	return heard;
}

TEST(sub_prints_the_figures_when_they_change)
{
	char    command[512];
	char   *line;
	json_t *event;

	e2e_create_channel(&server, owner.token, "clock", false);
	snprintf(command, sizeof command,
	         "RUN_DIR=%s JWT_SECRET='%s' exec timeout 30 '%s' sub --public --at %s --count 1"
	         " stats",
	         server.run_dir, SERVER_JWT_SECRET, CANADUCK_EXECUTABLE, listen_url);
	line = hear(command, "clock");
	event = json_loads(line, 0, NULL);
	if (event == NULL)
		fail_msg("heard: %s", line);
	assert_string_equal(json_string_value(json_object_get(event, "topic")), "stats.figures");
	assert_string_equal(json_string_value(json_object_get(event, "type")),
	                    "canaduck.stats.v1.Figures");
	{
		json_t *payload = json_object_get(event, "payload");

		assert_true(json_array_size(json_object_get(payload, "active_channels")) > 0);
		assert_true(json_array_size(json_object_get(payload, "hourly_activity")) > 0);
		assert_true(json_array_size(json_object_get(payload, "messages_per_user")) > 0);
		assert_true(json_is_array(json_object_get(payload, "top_reacted_messages")));
	}
	json_decref(event);
}

TEST(any_client_of_nng_hears_the_figures)
{
	char command[512];

	e2e_create_channel(&server, owner.token, "radio", false);
	snprintf(command, sizeof command,
	         "exec timeout 30 nngcat --sub --subscribe 'stats.figures ' --dial %s --raw"
	         " --count 1",
	         listen_url);
	assert_int_equal(strncmp(hear(command, "radio"), "stats.figures ", 14), 0);
}

TEST_MAIN(start, stop)
