#include "test/e2e/e2e.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test/e2e/load.h"
#include "test/e2e/sql.h"
#include "test/support/pg.h"

/* Each test ends its server in a way of its own: all have one. */
static struct pg_cluster *cluster;
static struct load        load;

static int start(void **state __attribute__((unused)))
{
	cluster = pg_cluster_new();
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	pg_cluster_free(cluster);
	return 0;
}

static struct e2e_account set_up(struct server *s, const char *const *env)
{
	char               url[PG_URL_BYTES];
	struct e2e_account user;

	e2e_durable_database(cluster, url);
	server_start(s, url, env);
	user = e2e_register(s, "user");
	e2e_create_channel(s, user.token, "room", false);
	return user;
}

static bool has_status(uint16_t port, const char *path, long expected)
{
	struct http_response r = http_get(port, path, NULL);
	bool                 has = r.status == expected;

	http_response_free(&r);
	return has;
}

TEST(a_crash_of_postgresql_under_load_loses_and_doubles_nothing)
{
	struct server      server;
	struct e2e_account user = set_up(&server, NULL);
	struct sql         sql;

	load_start(&load, server.port, user.token, "room");
	for (int i = 0; i < 3; i++) {
		unsigned before = load_count(&load, 201);

		assert_soon(load_count(&load, 201) > before + 20);
		pg_cluster_stop(cluster, true);
		assert_soon(has_status(server.port, "/readyz", 503));
		pg_cluster_start(cluster);
		before = load_count(&load, 201);
		assert_soon(load_count(&load, 201) > before + 20);
	}
	load_stop(&load);
	assert_int_equal(load_count(&load, 0), LOAD_MESSAGES - (unsigned)load.next);
	assert_true(load_count(&load, 503) > 0);
	sql_open(&sql, server.db_url);
	load_check(&load, &sql);
	sql_close(&sql);
	server_stop(&server);
}

TEST(a_kill_under_load_loses_and_doubles_nothing)
{
	struct server      server;
	struct e2e_account user = set_up(&server, NULL);
	char               url[sizeof server.db_url];
	struct sql         sql;

	snprintf(url, sizeof url, "%s", server.db_url);
	load_start(&load, server.port, user.token, "room");
	assert_soon(load_count(&load, 201) > 50);
	server_kill(&server);
	load_stop(&load);

	server_start(&server, url, NULL);
	sql_open(&sql, url);
	/* The database ends what the dead left open. */
	assert_soon(sql_number(&sql, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
	                             " AND datname = current_database();") == 1);
	load_check(&load, &sql);
	sql_close(&sql);
	e2e_send(&server, user.token, "room", "after");
	server_stop(&server);
}

/* ---- waiting ---- */

static void hold_messages(struct sql *sql, const char *url)
{
	sql_open(sql, url);
	sql_run(sql, "BEGIN; LOCK TABLE messages.messages IN ACCESS EXCLUSIVE MODE;");
}

/* Sessions that wait for the lock. */
static int64_t waiting(struct sql *sql)
{
	return sql_number(sql, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = "
	                       "'Lock' AND datname = current_database();");
}

TEST(sigterm_lets_every_request_under_way_end_well)
{
	enum { N = 12 };
	static struct http_pending pending[N];
	struct server              server;
	struct e2e_account         user = set_up(&server, NULL);
	struct sql                 sql;

	hold_messages(&sql, server.db_url);
	for (size_t i = 0; i < N; i++)
		http_start(&pending[i], server.port,
		           &(struct http_request){
		                   .method = "POST",
		                   .path = "/msg",
		                   .token = user.token,
		                   .body = "{\"channel\":\"room\",\"text\":\"last words\"}"});
	/* All connections wait in the database, the other requests for a connection. */
	assert_soon(waiting(&sql) == 2);
	assert_soon(server_metric(&server, "edge_requests_in_flight") == N);
	server_terminate(&server);
	assert_soon(http_dial(server.port) < 0);
	sql_run(&sql, "COMMIT;");
	for (size_t i = 0; i < N; i++) {
		struct http_response r = http_finish(&pending[i]);

		assert_http(r, 201);
		http_response_free(&r);
	}
	assert_int_equal(server_wait(&server), 0);
	assert_int_equal(sql_number(&sql, "SELECT count(*) FROM messages.messages;"), N);
	sql_close(&sql);
}

TEST(sigterm_under_load_breaks_no_promise)
{
	struct server      server;
	struct e2e_account user = set_up(&server, NULL);
	struct sql         sql;

	load_start(&load, server.port, user.token, "room");
	assert_soon(load_count(&load, 201) > 50);
	server_terminate(&server);
	assert_int_equal(server_wait(&server), 0);
	load_stop(&load);
	sql_open(&sql, server.db_url);
	load_check(&load, &sql);
	/* Whoever was let in was answered. */
	for (unsigned k = 0; k < load.next && k < LOAD_MESSAGES; k++)
		if (load.outcomes[k] != 201 && !load.refused[k])
			fail_msg("message %u was told %ld", k, load.outcomes[k]);
	sql_close(&sql);
}

TEST(what_lasts_too_long_after_sigterm_is_cut_off)
{
	struct server        server;
	struct e2e_account   user = set_up(&server, (const char *[]){"DRAIN_TIMEOUT_MS=300", NULL});
	struct http_pending  pending;
	struct http_response r;
	struct sql           sql;

	hold_messages(&sql, server.db_url);
	http_start(&pending, server.port,
	           &(struct http_request){.method = "POST",
	                                  .path = "/msg",
	                                  .token = user.token,
	                                  .body = "{\"channel\":\"room\",\"text\":\"stuck\"}"});
	assert_soon(waiting(&sql) == 1);
	server_terminate(&server);
	assert_int_equal(server_wait(&server), 0);
	r = http_finish(&pending);
	/* It may have been written: nobody is invited to try again. */
	assert_true(r.status == 504 || r.status == 0);
	http_response_free(&r);
	sql_close(&sql);
}

/* Asks by a connection of its own, to hang up on. */
static int ask_and_wait(const struct server *s, const char *path, const char *body,
                        const char *token, struct sql *sql)
{
	char    text[SERVER_TOKEN_BYTES + 512];
	int     fd = http_dial(s->port);
	int     len = snprintf(text, sizeof text,
	                       "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	                           "Authorization: Bearer %s\r\nContent-Length: %zu\r\n\r\n%s",
	                       path, token, strlen(body), body);
	int64_t before = waiting(sql);

	assert_true(fd >= 0);
	assert_int_equal(send(fd, text, (size_t)len, 0), len);
	assert_soon(waiting(sql) == before + 1);
	return fd;
}

TEST(who_hangs_up_is_waited_for_no_longer)
{
	/* Nothing ends it by its timeout. */
	static const char *const patient[] = {"REQUEST_TIMEOUT_MS=120000",
	                                      "DB_LOCK_TIMEOUT_MS=120000",
	                                      "DB_STATEMENT_TIMEOUT_MS=120000", NULL};
	struct server            server;
	struct e2e_account       user = set_up(&server, patient);
	struct sql               sql;
	int                      fds[2];

	hold_messages(&sql, server.db_url);
	for (size_t i = 0; i < 2; i++)
		fds[i] = ask_and_wait(&server, "/msg",
		                      "{\"channel\":\"room\",\"text\":\"never mind\"}", user.token,
		                      &sql);
	assert_true(server_metric(&server, "edge_requests_in_flight") == 2);
	for (size_t i = 0; i < 2; i++)
		close(fds[i]);
	assert_soon(server_metric(&server, "edge_requests_in_flight") == 0);
	sql_run(&sql, "COMMIT;");
	/* Both connections are as good as new. */
	assert_soon(waiting(&sql) == 0);
	for (int i = 0; i < 8; i++)
		e2e_send(&server, user.token, "room", "next");
	assert_int_equal(sql_number(&sql, "SELECT count(*) FROM messages.messages"
	                                  " WHERE text = 'next';"),
	                 8);
	sql_close(&sql);
	server_stop(&server);
}

TEST(a_transaction_whose_client_hung_up_is_rolled_back)
{
	static const char *const patient[] = {"REQUEST_TIMEOUT_MS=120000",
	                                      "DB_LOCK_TIMEOUT_MS=120000",
	                                      "DB_STATEMENT_TIMEOUT_MS=120000", NULL};
	static const char        count[] = "SELECT count(*) FROM channels.members;";
	struct server            server;
	struct e2e_account       guest;
	struct http_response     r;
	struct sql               sql;

	set_up(&server, patient);
	guest = e2e_register(&server, "guest");
	sql_open(&sql, server.db_url);
	sql_run(&sql, "BEGIN; SELECT FROM channels.channels FOR UPDATE;");
	close(ask_and_wait(&server, "/channel/room/join", "", guest.token, &sql));
	/* The service lets go of it though the lock is held on. */
	assert_soon(server_metric(&server, "edge_requests_in_flight") == 0);
	assert_soon(server_metric(&server, "rpc_server_calls_in_flight") == 0);
	sql_run(&sql, "COMMIT;");
	assert_soon(waiting(&sql) == 0);
	assert_soon(sql_number(&sql, "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle'"
	                             " AND datname = current_database();") == 1);
	assert_int_equal(sql_number(&sql, count), 1);
	r = http_post(server.port, "/channel/room/join", guest.token, NULL);
	assert_http(r, 200);
	http_response_free(&r);
	assert_int_equal(sql_number(&sql, count), 2);
	sql_close(&sql);
	server_stop(&server);
}

TEST(who_waits_too_long_for_a_lock_gives_up_and_leaves_nothing)
{
	struct server      server;
	struct e2e_account user = set_up(&server, (const char *[]){"DB_LOCK_TIMEOUT_MS=200", NULL});
	struct sql         sql;
	struct http_response r;

	hold_messages(&sql, server.db_url);
	r = http_post(server.port, "/msg", user.token, "{\"channel\":\"room\",\"text\":\"x\"}");
	/* Surely not done: trying again is fine. */
	assert_http_error(r, 503, "UNAVAILABLE");
	assert_non_null(http_header(&r, "retry-after"));
	http_response_free(&r);
	assert_int_equal(waiting(&sql), 0);
	sql_run(&sql, "COMMIT;");
	assert_int_equal(sql_number(&sql, "SELECT count(*) FROM messages.messages;"), 0);
	assert_int_equal(sql_number(&sql, "SELECT count(*) FROM pg_stat_activity WHERE datname ="
	                                  " current_database() AND state LIKE 'idle in%';"),
	                 0);
	e2e_send(&server, user.token, "room", "next");
	sql_close(&sql);
	server_stop(&server);
}

TEST_MAIN(start, stop)
