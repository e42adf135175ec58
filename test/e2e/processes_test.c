#include "test/e2e/incident.h"

#include <signal.h>
#include <string.h>

#include "test/e2e/load.h"
#include "test/e2e/sql.h"
#include "test/support/pg.h"

/* Parts that are processes of their own, one or two of each; what happens when some are not there.
 */
static struct load load;

static bool has_status(uint16_t port, const char *path, long expected)
{
	struct http_response r = http_get(port, path, NULL);
	bool                 has = r.status == expected;

	http_response_free(&r);
	return has;
}

static struct e2e_account set_up(struct server *s, const char *transport, unsigned replicas)
{
	char               url[PG_URL_BYTES];
	struct e2e_account user;

	pg_shared_database(url);
	server_start_many(s, url, NULL, transport, replicas);
	user = e2e_register(s, "roger");
	e2e_create_channel(s, user.token, "room", false);
	e2e_send(s, user.token, "room", "before");
	return user;
}

/* ---- one of each ---- */

static void assert_only_messages_fail(const struct server *s, const struct e2e_account *user)
{
	struct http_response r;

	r = http_get(s->port, "/fullinfo?user=roger&channel=room", NULL);
	assert_http(r, 200);
	assert_json(r, "unavailable", "[\"messages\"]");
	assert_json(r, "last_messages", "null");
	assert_json_text(r, "user.pseudo", "roger");
	assert_json_text(r, "channel.name", "room");
	http_response_free(&r);

	r = http_post(s->port, "/msg", user->token, "{\"channel\":\"room\",\"text\":\"lost\"}");
	assert_http_error(r, 503, "UNAVAILABLE");
	assert_non_null(http_header(&r, "Retry-After"));
	http_response_free(&r);
	assert_true(has_status(s->port, "/msg?channel=room", 503));
	assert_true(has_status(s->port, "/whois/roger", 200));
	assert_true(has_status(s->port, "/channel/room/config", 200));
}

TEST(a_service_that_is_down_fails_its_own_routes_and_no_others)
{
	struct server          server;
	struct e2e_account     user = set_up(&server, "ipc", 1);
	struct server_process *messages = server_part(&server, "messages", 0);
	struct http_response   r;

	server_signal_part(messages, SIGKILL);
	assert_int_equal(server_wait_part(messages), 128 + SIGKILL);
	assert_soon(has_status(server.port, "/msg?channel=room", 503));
	assert_only_messages_fail(&server, &user);

	server_restart_part(&server, messages);
	assert_soon(has_status(server.port, "/msg?channel=room", 200));
	e2e_send(&server, user.token, "room", "after");
	r = http_get(server.port, "/fullinfo?user=roger&channel=room", NULL);
	assert_http(r, 200);
	assert_null(http_json(&r, "unavailable"));
	assert_int_equal(json_array_size(http_json(&r, "last_messages")), 2);
	http_response_free(&r);
	server_stop(&server);
}

TEST(incidents_are_found_with_names_while_users_is_down)
{
	struct server          server;
	struct e2e_account     user = set_up(&server, "ipc", 1);
	struct server_process *users = server_part(&server, "users", 0);

	incident_create(&server, user.token, INCIDENT_JAM, 48, 2);
	server_signal_part(users, SIGKILL);
	assert_int_equal(server_wait_part(users), 128 + SIGKILL);
	assert_soon(has_status(server.port, "/whois/roger", 503));
	assert_shows(incident_list(&server, NULL, "?lat=48&lon=2&radius=1"), "0.user.handle",
	             "\"@roger\"");
	server_stop(&server);
}

/* What stands at the path: something, or null. */
static bool is_there(const struct http_response *r, const char *path)
{
	return http_json(r, path) && !json_is_null(http_json(r, path));
}

static bool is_whole(const struct server *s)
{
	struct http_response r = http_get(s->port, "/fullinfo?user=roger&channel=room", NULL);
	bool                 all = r.status == 200 && http_json(&r, "unavailable") == NULL;

	http_response_free(&r);
	return all;
}

TEST(fullinfo_leaves_out_what_a_dead_service_would_tell_and_names_it)
{
	static const struct {
		const char *service;
		bool        user, channel, messages;
		const char *unavailable;
	} cases[] = {
	        {"users", false, true, true, "[\"users\"]"},
	        /* Messages tells nothing of a channel that it cannot ask about. */
	        {"channels", true, false, false, "[\"channels\",\"messages\"]"},
	        {"messages", true, true, false, "[\"messages\"]"},
	};
	struct server server;

	set_up(&server, "ipc", 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct server_process *p = server_part(&server, cases[i].service, 0);
		struct http_response   r;

		server_signal_part(p, SIGKILL);
		assert_int_equal(server_wait_part(p), 128 + SIGKILL);
		r = http_get(server.port, "/fullinfo?user=roger&channel=room", NULL);
		assert_http(r, 200);
		assert_keys(r, "", "channel last_messages unavailable user");
		assert_int_equal(is_there(&r, "user"), cases[i].user);
		assert_int_equal(is_there(&r, "channel"), cases[i].channel);
		assert_int_equal(is_there(&r, "last_messages"), cases[i].messages);
		assert_json(r, "unavailable", cases[i].unavailable);
		http_response_free(&r);
		/* What is known not to be there is not there, whoever else is down. */
		if (cases[i].user)
			assert_true(
			        has_status(server.port, "/fullinfo?user=nobody&channel=room", 404));
		if (cases[i].channel)
			assert_true(
			        has_status(server.port, "/fullinfo?user=roger&channel=none", 404));
		assert_true(has_status(server.port, "/fullinfo?user=roger", 422));
		server_restart_part(&server, p);
		assert_soon(is_whole(&server));
	}
	server_stop(&server);
}

TEST(without_any_service_the_edge_says_so)
{
	static const char *const services[] = {"users", "channels", "messages", "stats",
	                                       "incidents"};
	struct server            server;
	struct http_response     r;

	set_up(&server, "tcp", 1);
	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		struct server_process *p = server_part(&server, services[i], 0);

		server_signal_part(p, SIGKILL);
		assert_int_equal(server_wait_part(p), 128 + SIGKILL);
	}
	assert_soon(has_status(server.port, "/fullinfo?user=roger&channel=room", 503));
	r = http_get(server.port, "/fullinfo?user=roger&channel=room", NULL);
	assert_http_error(r, 503, "UNAVAILABLE");
	http_response_free(&r);
	assert_true(has_status(server.port, "/healthz", 200));
	assert_true(has_status(server.port, "/readyz", 503));
	server_stop(&server);
}

/* ---- calls under way ---- */

/* Sessions that wait for a lock; within a transaction the first answer would hold to its end. */
static int64_t waiting(struct sql *sql)
{
	return sql_number(sql, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = "
	                       "'Lock' AND datname = current_database();");
}

TEST(calls_under_way_at_a_killed_service_end_at_once_and_say_what_is_known)
{
	static struct http_pending write, read;
	struct server              server;
	struct e2e_account         user = set_up(&server, "ipc", 1);
	struct server_process     *messages = server_part(&server, "messages", 0);
	struct sql                 sql, watcher;
	struct http_response       r;
	int64_t                    killed_ns;

	sql_open(&sql, server.db_url);
	sql_open(&watcher, server.db_url);
	sql_run(&sql, "BEGIN; LOCK TABLE messages.messages IN ACCESS EXCLUSIVE MODE;");
	http_start(&write, server.port,
	           &(struct http_request){.method = "POST",
	                                  .path = "/msg",
	                                  .token = user.token,
	                                  .body = "{\"channel\":\"room\",\"text\":\"unknown\"}"});
	/* First the write: what it reads before would wait behind a read that waits. */
	assert_soon(waiting(&watcher) == 1);
	http_start(&read, server.port,
	           &(struct http_request){.method = "GET", .path = "/msg?channel=room"});
	assert_soon(waiting(&watcher) == 2);
	server_signal_part(messages, SIGKILL);
	killed_ns = clock_now_ns();
	r = http_finish(&write);
	assert_http_error(r, 504, "DEADLINE_EXCEEDED");
	assert_null(http_header(&r, "Retry-After"));
	http_response_free(&r);
	r = http_finish(&read);
	assert_http_error(r, 503, "UNAVAILABLE");
	http_response_free(&r);
	/* Far below every deadline; how far is for a benchmark to say. */
	assert_true(clock_now_ns() - killed_ns < 2000 * CLOCK_NS_PER_MS);
	assert_int_equal(server_wait_part(messages), 128 + SIGKILL);
	sql_run(&sql, "COMMIT;");
	sql_close(&sql);
	sql_close(&watcher);
	server_stop(&server);
}

/* ---- two of each ---- */

static void check_load(struct server *s)
{
	struct sql sql;

	sql_open(&sql, s->db_url);
	/* The database ends what the dead left open. */
	assert_soon(sql_number(&sql, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
	                             " AND datname = current_database();") == 1);
	load_check(&load, &sql);
	sql_close(&sql);
}

static double calls_served(const struct server_process *p)
{
	struct server asked = {.metrics_port = p->metrics_port};

	return server_metric(&asked, "rpc_server_calls_total");
}

/* Whoever stops a replica makes sure that everybody has found all that run. */
static bool all_are_found(const struct server *s)
{
	for (unsigned i = 0; i < s->n_parts; i++) {
		struct server asked = {.metrics_port = s->parts[i].metrics_port};

		if (server_metric(&asked, "rpc_client_links_down") != 0)
			return false;
	}
	return true;
}

TEST(a_killed_replica_is_left_out_and_taken_back)
{
	struct server          server;
	struct e2e_account     user = set_up(&server, "ipc", 2);
	struct server_process *first = server_part(&server, "messages", 0);
	unsigned               before, refused;

	load_start(&load, server.port, user.token, "room");
	for (int i = 0; i < 3; i++) {
		assert_soon(all_are_found(&server));
		server_signal_part(first, SIGKILL);
		assert_int_equal(server_wait_part(first), 128 + SIGKILL);
		/* The one that is left does all of the work, and refuses nothing of it. */
		refused = load_count(&load, 503);
		before = load_count(&load, 201);
		assert_soon(load_count(&load, 201) > before + 50);
		assert_int_equal(load_count(&load, 503), refused);
		server_restart_part(&server, first);
	}
	assert_soon(calls_served(first) > 10);
	load_stop(&load);
	check_load(&server);
	server_stop(&server);
}

TEST(a_drained_replica_loses_no_request)
{
	static const char *const parts[] = {"messages", "channels", "users"};
	struct server            server;
	struct e2e_account       user = set_up(&server, "tcp", 2);

	load_start(&load, server.port, user.token, "room");
	for (size_t i = 0; i < 3; i++)
		for (unsigned k = 0; k < 2; k++) {
			struct server_process *p = server_part(&server, parts[i], k);
			unsigned               before;

			assert_soon(all_are_found(&server));
			server_signal_part(p, SIGTERM);
			assert_int_equal(server_wait_part(p), 0);
			before = load_count(&load, 201);
			assert_soon(load_count(&load, 201) > before + 30);
			server_restart_part(&server, p);
		}
	load_stop(&load);
	assert_int_equal(load_count(&load, 201), load.next);
	check_load(&server);
	server_stop(&server);
}

TEST(two_edges_share_what_the_services_know)
{
	struct server          server;
	struct e2e_account     user = set_up(&server, "ipc", 2);
	struct server_process *second = server_part(&server, "edge", 1);
	struct http_response   r;

	r = http_get(second->port, "/users/me", user.token);
	assert_http(r, 200);
	assert_json_text(r, "pseudo", "roger");
	http_response_free(&r);
	server_signal_part(second, SIGTERM);
	assert_int_equal(server_wait_part(second), 0);
	assert_true(has_status(server.port, "/whois/roger", 200));
	server_stop(&server);
}

TEST_MAIN(NULL, NULL)
