#include "test/e2e/e2e.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/e2e/sql.h"
#include "test/support/pg.h"

static struct server server;
static char          output[64 * 1024];

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* Runs "canaduck a b c" against the server's database; what it printed is in output. */
#define ARGV(...)        ((const char *[]){"canaduck", __VA_ARGS__, NULL})
#define RUN(...)         run(ARGV(__VA_ARGS__), NULL)
#define RUN_IN(env, ...) run(ARGV(__VA_ARGS__), (env))
#define ENV(...)         ((const char *[]){__VA_ARGS__, NULL})
/* "canaduck serve all" on the same database, but on no socket of the server's. */
#define SERVE_IN(env) serve_alone(env)

static int run(const char *const *argv, const char *const *env)
{
	return server_run(argv, &server, env, output, sizeof output);
}

static int serve_alone(const char *const *env)
{
	struct server alone = {0};

	memcpy(alone.db_url, server.db_url, sizeof alone.db_url);
	return server_run(ARGV("serve", "all"), &alone, env, output, sizeof output);
}

#define assert_said(text)   assert_output((text), true, __LINE__)
#define assert_unsaid(text) assert_output((text), false, __LINE__)

static void assert_output(const char *text, bool is_there, int line)
{
	if ((strstr(output, text) != NULL) == is_there)
		return;
	print_error("\"%s\" is %s \"%s\"\n", text, is_there ? "not in" : "in", output);
	_fail(__FILE__, line);
}

/* ---- help ---- */

TEST(help_names_every_command_and_variable)
{
	static const char *const words[] = {
	        "serve all",
	        "migrate",
	        "call [--as ID] METHOD",
	        "admin grant|revoke",
	        "routes",
	        "health",
	        "version",
	        "DB_URL",
	        "JWT_SECRET",
	        "PORT",
	        "REQUEST_TIMEOUT_MS",
	        "PASSWORD_MEMORY_KIB",
	};
	static const char *const ways[][3] = {
	        {"help", NULL},       {"--help", NULL}, {"-h", NULL}, {"serve", "--help", NULL},
	        {"call", "-h", NULL},
	};

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		assert_int_equal(RUN(ways[i][0], ways[i][1]), 0);
		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			assert_said(words[k]);
		assert_unsaid(SERVER_JWT_SECRET);
	}
}

TEST(version_is_one_line)
{
	assert_int_equal(RUN("version"), 0);
	assert_int_equal(strncmp(output, "canaduck ", 9), 0);
	assert_ptr_equal(strchr(output, '\n'), output + strlen(output) - 1);
}

TEST(wrong_usage_says_how_and_exits_with_2)
{
	static const char *const calls[][5] = {
	        {NULL},
	        {"fly", NULL},
	        {"serve", NULL},
	        {"serve", "users", "poems", NULL},
	        {"serve", "all", "now", NULL},
	        {"migrate", "now", NULL},
	        {"call", NULL},
	        {"call", "a", "b", "c", NULL},
	        {"call", "/canaduck.users.v1.Users/Fly", NULL},
	        {"admin", NULL},
	        {"admin", "grant", NULL},
	        {"admin", "praise", "roger", NULL},
	        {"routes", "--some", NULL},
	        {"health", "poems", NULL},
	        {"health", "users", "now", NULL},
	};

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		assert_int_equal(RUN(calls[i][0], calls[i][1], calls[i][2], calls[i][3]), 2);
		assert_said("canaduck");
	}
}

/* ---- routes ---- */

TEST(routes_are_listed_with_their_methods)
{
	assert_int_equal(RUN("routes"), 0);
	assert_said("/channel/{name}/config");
	assert_said("/canaduck.users.v1.Users/Register");
	assert_unsaid("Resolve");
	assert_int_equal(RUN("routes", "--all"), 0);
	assert_said("/canaduck.users.v1.Users/Resolve");
	assert_said("/canaduck.channels.v1.Channels/CheckAccess");
}

/* ---- configuration ---- */

TEST(all_mistakes_of_the_configuration_are_listed_at_once)
{
	static const char *const mistakes[] = {"DB_URL=",
	                                       "JWT_SECRET=short-secret",
	                                       "LOG_LEVEL=loud",
	                                       "DB_LOCK_TIMEOUT_MS=soon",
	                                       "PASSWORD_PASSES=99",
	                                       NULL};

	assert_int_equal(SERVE_IN(mistakes), 2);
	assert_said("DB_URL");
	assert_said("JWT_SECRET");
	assert_said("LOG_LEVEL");
	assert_said("DB_LOCK_TIMEOUT_MS");
	assert_said("PASSWORD_PASSES");
	assert_unsaid("short-secret");
	assert_int_equal(SERVE_IN(ENV("DB_URL=", "USERS_DB_URL=postgresql://u@h/d")), 2);
	assert_said("DB_URL: is required, or the database of channels");
	assert_int_equal(
	        SERVE_IN(ENV("RUN_DIR=/a/directory/whose/name/is/so/long/that/no/socket/can/have/"
	                     "a/path/that/starts/with/all/of/it")),
	        2);
	assert_said("RUN_DIR");
	assert_int_equal(SERVE_IN(ENV("USERS_URL=tcp://127.0.0.1:7001")), 2);
	assert_said("USERS_EVENTS_URL: is required");
	/* The edge follows all that streams and sockets show. */
	assert_int_equal(SERVE_IN(ENV("INCIDENTS_URL=tcp://127.0.0.1:7005")), 2);
	assert_said("INCIDENTS_EVENTS_URL: is required");
	assert_int_equal(RUN_IN(mistakes, "migrate"), 2);
	assert_said("DB_URL");
	assert_said("LOG_LEVEL");
	assert_int_equal(SERVE_IN(ENV("PORT=99999")), 2);
	assert_said("PORT");
	assert_int_equal(
	        SERVE_IN(ENV("TRUSTED_PROXIES=proxy.example", "TLS_KEY_FILE=/etc/key.pem")), 2);
	assert_said("TRUSTED_PROXIES");
	assert_said("TLS_CERT_FILE");
}

/* Each mistake is told once, though several parts read the same variable. */
TEST(a_mistake_is_told_once)
{
	const char *first;

	assert_int_equal(SERVE_IN(ENV("JWT_SECRET=short")), 2);
	first = strstr(output, "JWT_SECRET");
	assert_non_null(first);
	assert_null(strstr(first + 1, "JWT_SECRET"));
}

TEST(production_takes_no_development_secret)
{
	assert_int_equal(SERVE_IN(ENV("ENV=production",
	                              "JWT_SECRET=development secret, long enough for all rules")),
	                 2);
	assert_said("JWT_SECRET");
	assert_said("production");
	assert_unsaid("long enough for all rules");
}

TEST(a_secret_may_come_from_a_file)
{
	static const char secret[] = "long enough for a key, but no URL\n";
	char              path[] = "/tmp/canaduck-secret-XXXXXX", variable[64];
	int               fd = mkstemp(path);

	assert_int_equal(write(fd, secret, sizeof secret - 1), sizeof secret - 1);
	close(fd);
	snprintf(variable, sizeof variable, "IDENTITY_KEY_FILE=%s", path);
	assert_int_equal(RUN_IN(ENV(variable), "migrate"), 0);
	snprintf(variable, sizeof variable, "DB_URL_FILE=%s", path);
	assert_int_equal(RUN_IN(ENV(variable), "migrate"), 2);
	assert_said("DB_URL");
	assert_unsaid("long enough");
	unlink(path);
}

TEST(a_database_that_is_not_there_ends_the_start)
{
	assert_int_equal(SERVE_IN(ENV("DB_URL=postgresql://u:hunter2@127.0.0.1:1/none",
	                              "DB_START_TIMEOUT_MS=200", "LOG_LEVEL=info")),
	                 1);
	assert_said("migration failed");
	assert_unsaid("hunter2");
	assert_unsaid(SERVER_JWT_SECRET);
}

TEST(a_port_that_is_taken_ends_the_start)
{
	char port[32];

	snprintf(port, sizeof port, "METRICS_PORT=%u", server.metrics_port);
	assert_int_equal(SERVE_IN(ENV("HOST=192.0.2.1", port)), 1);
	assert_said("cannot serve");
	assert_int_equal(SERVE_IN(ENV(port)), 1);
	assert_said("the port is taken");
	snprintf(port, sizeof port, "PORT=%u", server.port);
	assert_int_equal(SERVE_IN(ENV(port)), 1);
	assert_said("the port is taken");
	assert_int_equal(SERVE_IN(ENV("HOST=localhost")), 1);
	assert_said("HOST");
}

/* ---- migrate ---- */

TEST(migrating_again_changes_nothing)
{
	static const char *const argv[] = {"canaduck", "migrate", NULL};
	struct server            none = {0};
	struct sql               sql;

	pg_shared_database(none.db_url);
	for (int i = 0; i < 2; i++)
		assert_int_equal(server_run(argv, &none, NULL, output, sizeof output), 0);
	sql_open(&sql, none.db_url);
	assert_true(sql_number(&sql, "SELECT count(*) FROM users.migrations;") > 0);
	assert_true(sql_number(&sql, "SELECT count(*) FROM messages.migrations;") > 0);
	sql_run(&sql, "UPDATE channels.migrations SET sha256 = sha256('edited');");
	sql_close(&sql);
	assert_int_equal(server_run(argv, &none, NULL, output, sizeof output), 1);
	assert_said("0001_create_channels.sql");
}

/* ---- call ---- */

TEST(an_rpc_can_be_called_by_either_form_of_its_name)
{
	static const char *const names[] = {"/canaduck.users.v1.Users/Whois",
	                                    "canaduck.users.v1.Users/Whois"};

	e2e_register(&server, "callee");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		json_t *answer;

		assert_int_equal(RUN(names[i], NULL), 2);
		assert_int_equal(RUN("call", names[i], "{\"pseudo\":\"callee\"}"), 0);
		answer = json_loads(output, 0, NULL);
		assert_string_equal(json_string_value(json_object_get(answer, "pseudo")), "callee");
		json_decref(answer);
	}
}

TEST(a_call_that_fails_says_why)
{
	static const struct {
		const char *method, *json, *said;
	} cases[] = {
	        {"/canaduck.users.v1.Users/Whois", "{\"pseudo\":\"nobody\"}", "NOT_FOUND"},
	        {"/canaduck.users.v1.Users/Whois", "{}", "pseudo is required"},
	        {"/canaduck.users.v1.Users/Whois", "{\"pseudo\":5}", "pseudo"},
	        {"/canaduck.users.v1.Users/Whois", "{", "JSON"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(RUN("call", cases[i].method, cases[i].json), 1);
		assert_said(cases[i].said);
	}
}

/* ---- admin ---- */

TEST(the_role_admin_is_given_and_taken_but_never_from_the_last)
{
	struct http_response r;

	e2e_register(&server, "first");
	e2e_register(&server, "second");
	assert_int_equal(RUN("admin", "grant", "nobody"), 1);
	assert_said("NOT_FOUND");
	assert_int_equal(RUN("admin", "grant", "First"), 0);
	assert_said("admin");
	assert_int_equal(RUN("admin", "grant", "first"), 0);
	assert_int_equal(RUN("admin", "revoke", "first"), 1);
	assert_said("last admin");
	assert_int_equal(RUN("admin", "grant", "@second"), 0);
	assert_int_equal(RUN("admin", "revoke", "first"), 0);
	assert_unsaid("admin");

	r = http_get(server.port, "/whois/second", NULL);
	assert_json(r, "result.roles", "[\"user\",\"admin\"]");
	http_response_free(&r);
	r = http_get(server.port, "/whois/first", NULL);
	assert_json(r, "result.roles", "[\"user\"]");
	http_response_free(&r);
	r = http_post(server.port, "/login", NULL,
	              "{\"pseudo\":\"second\",\"password\":\"" E2E_PASSWORD "\"}");
	{
		struct http_response me =
		        http_get(server.port, "/users/me", http_text(&r, "token"));

		assert_json(me, "role", "{\"id\":1,\"name\":\"ROLE_ADMIN\"}");
		http_response_free(&me);
	}
	http_response_free(&r);
}

/* ---- health ---- */

TEST(health_asks_a_running_edge)
{
	char port[32];

	snprintf(port, sizeof port, "PORT=%u", server.port);
	assert_int_equal(RUN_IN(ENV(port), "health"), 0);
	assert_said("{\"status\":\"ok\"}");
	assert_int_equal(RUN_IN(ENV("PORT=1"), "health"), 1);
	assert_said("nothing answers");
	assert_int_equal(RUN_IN(ENV("PORT=0"), "health"), 2);
	assert_said("PORT");
}

TEST(health_of_a_service_is_asked_by_rpc)
{
	assert_int_equal(RUN("health", "messages"), 0);
	assert_said("SERVING");
	assert_int_equal(RUN_IN(ENV("RUN_DIR=/nowhere", "MESSAGES_URL="), "health", "messages"), 1);
	assert_said("not within reach");
}

/* ---- events ---- */

TEST(what_users_tells_is_printed_as_json)
{
	char token[SERVER_TOKEN_BYTES];

	server_register(&server, "sub_ginette", token);
	assert_int_equal(RUN("sub", "--after", "0", "--count", "1", "users.account"), 0);
	assert_said("\"service\":\"users\"");
	assert_said("\"position\":1,");
	assert_said("\"type\":\"canaduck.users.v1.AccountCreated\"");
	assert_said("\"pseudo\":\"");
	assert_unsaid("password");
}

TEST(wrong_usage_of_sub_says_how_and_exits_with_2)
{
	assert_int_equal(RUN("sub"), 2);
	assert_said("usage: canaduck sub");
	assert_int_equal(RUN("sub", "--count", "0", "users"), 2);
	assert_int_equal(RUN("sub", "--after", "-1", "users"), 2);
	assert_int_equal(RUN("sub", "--public", "--after", "1", "users"), 2);
	assert_int_equal(RUN("sub", "users", "channels"), 2);
	assert_int_equal(RUN("sub", "--help"), 0);
	assert_said("usage: canaduck sub");
}

TEST(sub_says_that_there_is_no_such_service)
{
	assert_int_equal(RUN("sub", "nobody.account"), 1);
	assert_said("no service of that name");
}

TEST_MAIN(start, stop)
