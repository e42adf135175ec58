/* Statistics while services are killed: afterwards they equal a recount of what messages has. */
#include "test/e2e/talk.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"
#include "test/support/pg.h"

enum { WRITERS = 4, CHANNELS = 3, KILLS = 5 };

static const char *const channels[CHANNELS] = {"storm", "squall", "hold"};

/* Somebody who writes, edits, reacts and deletes without a pause; what fails is nobody's loss. */
struct writer {
	pthread_t          thread;
	struct e2e_account account;
	uint16_t           port;
	unsigned           seed;
	int64_t            last[8]; /* messages of their own */
	atomic_uint        n_done;
};

static struct writer      writers[WRITERS];
static atomic_bool        is_over;
static struct e2e_account owner;

static long ask(struct writer *w, const char *method, const char *path, const char *body,
                int64_t *out_id)
{
	struct http_response r = http_ask(w->port, &(struct http_request){.method = method,
	                                                                  .path = path,
	                                                                  .token = w->account.token,
	                                                                  .body = body});
	const long           answer = r.status;

	if (out_id && answer == 201)
		*out_id = json_integer_value(
		        json_object_get(json_object_get(r.json, "result"), "id"));
	http_response_free(&r);
	return answer;
}

static void act(struct writer *w)
{
	const unsigned what = (unsigned)rand_r(&w->seed) % 8;
	int64_t       *id = &w->last[(unsigned)rand_r(&w->seed) % 8];
	char           path[64], body[128];
	long           answer;

	snprintf(path, sizeof path, "/msg/%" PRId64, *id);
	if (*id == 0 || what < 4) {
		snprintf(body, sizeof body, "{\"channel\":\"%s\",\"text\":\"%u\"}",
		         channels[w->seed % CHANNELS], w->seed);
		answer = ask(w, "POST", "/msg", body, id);
	} else if (what == 4) {
		answer = ask(w, "PUT", path, "{\"text\":\"edited\"}", NULL);
	} else if (what == 5) {
		answer = ask(w, "DELETE", path, NULL, NULL);
		*id = 0;
	} else {
		snprintf(body, sizeof body, "{\"id\":%" PRId64 ",\"emoji\":\"%u\"}", *id,
		         w->seed % 5);
		answer = ask(w, what == 6 ? "DELETE" : "POST", "/msg/reaction", body, NULL);
	}
	w->n_done += answer >= 200 && answer < 300;
}

static void *write_on(void *arg)
{
	while (!is_over)
		act(arg);
	return NULL;
}

static unsigned n_done(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < WRITERS; i++)
		n += writers[i].n_done;
	return n;
}

static void start_writing(const struct server *s)
{
	is_over = false;
	for (size_t i = 0; i < WRITERS; i++) {
		struct writer *w = &writers[i];
		char           name[16];

		snprintf(name, sizeof name, "writer_%zu", i);
		*w = (struct writer){
		        .account = e2e_register(s, name), .port = s->port, .seed = (unsigned)i + 1};
		for (size_t k = 0; k < CHANNELS; k++)
			e2e_join(s, w->account.token, channels[k]);
		assert_int_equal(pthread_create(&w->thread, NULL, write_on, w), 0);
	}
}

static void stop_writing(void)
{
	is_over = true;
	for (size_t i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
}

/* Once as much again was done. */
static void wait_for_more(void)
{
	const unsigned before = n_done();

	assert_soon(n_done() >= before + 25);
}

static void kill_and_restart(struct server *s, const char *part, unsigned replica)
{
	struct server_process *p = server_part(s, part, replica);

	server_signal_part(p, SIGKILL);
	assert_int_equal(server_wait_part(p), 128 + SIGKILL);
	server_restart_part(s, p);
}

/* What is kept here and is not there, or the other way round. */
#define DIFFERENCE(a, b) "(" a " EXCEPT " b ") UNION ALL (" b " EXCEPT " a ")"

static const char differences[] = "SELECT (SELECT count(*) FROM (" DIFFERENCE(
        "SELECT id, channel_id, account_id, created_time, reaction_count"
        "  FROM messages.messages WHERE channel_id IS NOT NULL",
        "SELECT id, channel_id, account_id, created_time, reactions"
        "  FROM stats.messages") ") AS d)"
                                 " + (SELECT count(*) FROM (" DIFFERENCE(
                                         "SELECT channel_id, account_id, date_trunc('hour', created_time, 'UTC'),"
                                         "       count(*) FROM messages.messages WHERE channel_id IS NOT NULL"
                                         " GROUP BY 1, 2, 3",
                                         "SELECT channel_id, account_id, hour, messages FROM stats.counts"
                                         " WHERE messages <> 0") ") AS d)"
                                                                 " + (SELECT count(*) FROM (" DIFFERENCE(
                                                                         "SELECT id, name, modes LIKE '%p%' FROM channels.channels",
                                                                         "SELECT id, name, is_private FROM stats.channels WHERE NOT is_deleted") ") AS d);";

static int64_t sum_of(const struct server *s, const char *path)
{
	struct http_response r = http_get(s->port, path, NULL);
	int64_t              sum = 0;
	size_t               i;
	json_t              *row;

	assert_http(r, 200);
	json_array_foreach(http_json(&r, "result"), i, row) sum +=
	        json_integer_value(json_object_get(row, "messages"));
	http_response_free(&r);
	return sum;
}

static void assert_equal_to_a_recount(const struct server *s, struct sql *sql)
{
	int64_t shown;

	assert_soon(sql_number(sql, differences) == 0);
	shown = sql_number(sql, "SELECT count(*) FROM messages.messages AS m"
	                        "  JOIN channels.channels AS c ON c.id = m.channel_id"
	                        " WHERE c.modes NOT LIKE '%p%';");
	assert_true(shown > 0);
	assert_int_equal(sum_of(s, "/stats/active-channels?limit=1000"), shown);
	assert_int_equal(sum_of(s, "/stats/hourly-activity?limit=1000"), shown);
	assert_int_equal(sum_of(s, "/stats/messages-per-user?limit=1000"), shown);
}

static void set_up(struct server *s, struct sql *sql, unsigned replicas)
{
	char url[PG_URL_BYTES];

	pg_shared_database(url);
	server_start_many(s, url, NULL, "ipc", replicas);
	sql_open(sql, url);
	owner = e2e_register(s, "captain");
	for (size_t i = 0; i < CHANNELS; i++)
		e2e_create_channel(s, owner.token, channels[i], false);
}

/* Its members write on. */
static void set_private(const struct server *s, const char *path)
{
	struct http_response r = e2e_ask(s, "PATCH", path, owner.token, "{\"mode\":\"+p\"}");

	assert_http(r, 200);
	http_response_free(&r);
}

static void rebuild(const struct server *s)
{
	char output[4096];

	if (server_run((const char *[]){"canaduck", "stats", "rebuild", NULL}, s, NULL, output,
	               sizeof output) != 0)
		fail_msg("stats rebuild: %s", output);
}

TEST(whoever_is_killed_the_statistics_equal_a_recount)
{
	static const char *const parts[KILLS] = {"stats", "stats", "messages", "channels", "stats"};
	struct server            server;
	struct sql               sql;

	set_up(&server, &sql, 1);
	start_writing(&server);
	set_private(&server, "/channel/hold");
	for (size_t i = 0; i < KILLS; i++) {
		wait_for_more();
		kill_and_restart(&server, parts[i], 0);
	}
	/* Counting anew, too: while others write, and when it is killed. */
	wait_for_more();
	rebuild(&server);
	wait_for_more();
	sql_run(&sql, "DELETE FROM stats.bookmarks;");
	wait_for_more();
	kill_and_restart(&server, "stats", 0);
	wait_for_more();
	stop_writing();
	assert_equal_to_a_recount(&server, &sql);
	sql_close(&sql);
	server_stop(&server);
}

TEST(two_replicas_count_nothing_twice)
{
	struct server server;
	struct sql    sql;

	set_up(&server, &sql, 2);
	start_writing(&server);
	for (unsigned i = 0; i < 3; i++) {
		wait_for_more();
		rebuild(&server);
		wait_for_more();
		kill_and_restart(&server, "stats", i % 2);
	}
	wait_for_more();
	stop_writing();
	assert_equal_to_a_recount(&server, &sql);
	sql_close(&sql);
	server_stop(&server);
}

TEST_MAIN(NULL, NULL)
