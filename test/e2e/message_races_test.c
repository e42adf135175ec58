#include "test/e2e/talk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"

/* Several who change the same message at once, and what is told of it. */
static struct server      server;
static struct e2e_account owner, guest;

static int start(void **state __attribute__((unused)))
{
	/* One for each who waits. */
	e2e_start(&server, (const char *[]){"DB_WRITE_CONNECTIONS=4", NULL});
	owner = e2e_register(&server, "owner");
	guest = e2e_register(&server, "guest");
	e2e_create_channel(&server, owner.token, "room", false);
	e2e_join(&server, guest.token, "room");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static void hold(struct sql *holder, int64_t id)
{
	char statements[128];

	sql_open(holder, server.db_url);
	snprintf(statements, sizeof statements,
	         "BEGIN; SELECT FROM messages.messages WHERE id = %" PRId64 " FOR UPDATE;", id);
	sql_run(holder, statements);
}

TEST(what_changes_a_message_that_is_deleted_meanwhile_finds_none)
{
	enum { EDIT, REACTION, PIN, N };
	static struct http_pending pending[N];
	int64_t                    id = e2e_send(&server, owner.token, "room", "doomed");
	char                       edit[64], pin[64], reaction[64], statement[128];
	struct sql                 holder;

	snprintf(edit, sizeof edit, "/msg/%" PRId64, id);
	snprintf(pin, sizeof pin, "/msg/%" PRId64 "/pin", id);
	snprintf(reaction, sizeof reaction, "{\"id\":%" PRId64 ",\"emoji\":\"x\"}", id);
	hold(&holder, id);
	http_start(&pending[EDIT], server.port,
	           &(struct http_request){.method = "PUT",
	                                  .path = edit,
	                                  .token = owner.token,
	                                  .body = "{\"text\":\"late\"}"});
	http_start(&pending[REACTION], server.port,
	           &(struct http_request){.method = "POST",
	                                  .path = "/msg/reaction",
	                                  .token = guest.token,
	                                  .body = reaction});
	http_start(&pending[PIN], server.port,
	           &(struct http_request){.method = "POST", .path = pin, .token = owner.token});
	snprintf(statement, sizeof statement,
	         "DELETE FROM messages.messages WHERE id = %" PRId64 ";", id);
	sql_run(&holder, statement);
	sql_let_go(&holder, server.db_url, N);
	for (size_t i = 0; i < N; i++)
		assert_answer(http_finish(&pending[i]), 404, "NOT_FOUND");
	sql_close(&holder);
}

TEST(of_many_deletions_one_is_done)
{
	enum { N = 8 };
	static struct http_pending pending[N];
	struct http_response       answers[N];
	int64_t                    id = e2e_send(&server, owner.token, "room", "doomed");
	char                       path[64];

	snprintf(path, sizeof path, "/msg/%" PRId64, id);
	for (size_t i = 0; i < N; i++)
		http_start(&pending[i], server.port,
		           &(struct http_request){
		                   .method = "DELETE", .path = path, .token = owner.token});
	for (size_t i = 0; i < N; i++)
		answers[i] = http_finish(&pending[i]);
	assert_int_equal(e2e_count(answers, N, 204), 1);
	assert_int_equal(e2e_count(answers, N, 404), N - 1);
	for (size_t i = 0; i < N; i++)
		http_response_free(&answers[i]);
}

TEST(each_of_many_edits_is_kept_in_the_order_of_its_time)
{
	enum { N = 12 };
	static struct http_pending pending[N];
	static char                bodies[N][32];
	int64_t                    id = e2e_send(&server, owner.token, "room", "t");
	struct http_response       r;
	bool                       seen[N] = {false};
	const char                *last = "";
	char                       path[64];
	size_t                     i;
	json_t                    *text;

	snprintf(path, sizeof path, "/msg/%" PRId64, id);
	for (i = 0; i < N; i++) {
		snprintf(bodies[i], sizeof bodies[i], "{\"text\":\"%zu\"}", i);
		http_start(&pending[i], server.port,
		           &(struct http_request){.method = "PUT",
		                                  .path = path,
		                                  .token = owner.token,
		                                  .body = bodies[i]});
	}
	for (i = 0; i < N; i++)
		assert_answer(http_finish(&pending[i]), 200, NULL);
	r = talk_ask(&server, "GET", id, "/history", owner.token, NULL);
	assert_int_equal(json_array_size(http_json(&r, "result")), N);
	json_array_foreach(http_json(&r, "result"), i, text)
	{
		const char *time = json_string_value(json_object_get(text, "timestamp"));
		const char *what = json_string_value(json_object_get(text, "text"));

		assert_true(strcmp(last, time) < 0);
		last = time;
		if (i == 0) {
			assert_string_equal(what, "t");
			continue;
		}
		assert_false(seen[strtoul(what, NULL, 10)]);
		seen[strtoul(what, NULL, 10)] = true;
	}
	http_response_free(&r);
}

TEST_MAIN(start, stop)
