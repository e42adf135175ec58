#include "test/e2e/e2e.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"

static struct server      server;
static struct e2e_account driver;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	driver = e2e_register(&server, "driver");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

#define PARIS_TO_CAEN                                                                              \
	"[{\"lat\":48.8566,\"lon\":2.3522},{\"lat\":49.25,\"lon\":-0.5},"                          \
	"{\"lat\":49.182863,\"lon\":-0.370679}]"

static struct http_response ask(const char *method, int64_t id, const char *token, const char *body)
{
	char path[64];

	snprintf(path, sizeof path, "/users/me/routes/%" PRId64, id);
	return http_ask(server.port,
	                &(struct http_request){
	                        .method = method, .path = path, .token = token, .body = body});
}

static struct http_response create(const char *token, const char *body)
{
	return http_post(server.port, "/users/me/routes", token, body);
}

static int64_t save(const char *token, const char *name, const char *points)
{
	struct http_response r = http_postf(server.port, "/users/me/routes", token,
	                                    "{\"name\":\"%s\",\"route\":%s}", name, points);
	int64_t              id = http_int(&r, "id");

	assert_http(r, 201);
	assert_true(id > 0);
	http_response_free(&r);
	return id;
}

/* ---- one route ---- */

TEST(a_saved_route_comes_back_as_it_was_sent)
{
	struct http_response r = create(
	        driver.token, "{\"name\":\"to the sea \xc3\xa9\",\"route\":" PARIS_TO_CAEN "}");
	int64_t id = http_int(&r, "id");
	char   *created;

	assert_http(r, 201);
	assert_keys(r, "", "created_at id name route updated_at");
	assert_json_text(r, "name", "to the sea \xc3\xa9");
	assert_json(r, "route", PARIS_TO_CAEN);
	assert_time(r, "created_at");
	assert_time(r, "updated_at");
	created = strdup(r.body);
	http_response_free(&r);

	r = ask("GET", id, driver.token, NULL);
	assert_http(r, 200);
	assert_string_equal(r.body, created);
	http_response_free(&r);
	free(created);
}

TEST(places_keep_every_digit_and_the_ends_of_the_earth_are_on_it)
{
	static const char *const routes[] = {
	        "[{\"lat\":90,\"lon\":180},{\"lat\":-90,\"lon\":-180}]",
	        "[{\"lat\":0,\"lon\":0}]",
	        "[{\"lat\":48.856613999999997,\"lon\":2.3522219000000001}]",
	        "[{\"lat\":1e-7,\"lon\":0.30000000000000004}]",
	};

	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		int64_t              id = save(driver.token, "exact", routes[i]);
		struct http_response r = ask("GET", id, driver.token, NULL);

		assert_http(r, 200);
		assert_json(r, "route", routes[i]);
		http_response_free(&r);
	}
}

TEST(what_is_patched_changes_and_the_rest_stays)
{
	static const struct {
		const char *body, *name, *route;
	} cases[] = {
	        {"{}", "first", PARIS_TO_CAEN},
	        {NULL, "first", PARIS_TO_CAEN},
	        {"{\"name\":\"second\"}", "second", PARIS_TO_CAEN},
	        {"{\"route\":[{\"lat\":1,\"lon\":2}]}", "second", "[{\"lat\":1,\"lon\":2}]"},
	        {"{\"name\":\"third\",\"route\":" PARIS_TO_CAEN ",\"id\":1}", "third",
	         PARIS_TO_CAEN},
	};
	int64_t id = save(driver.token, "first", PARIS_TO_CAEN);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response before = ask("GET", id, driver.token, NULL);
		struct http_response r = ask("PATCH", id, driver.token, cases[i].body), after;

		assert_http(r, 200);
		assert_keys(r, "", "created_at id name route updated_at");
		assert_int_equal(http_int(&r, "id"), id);
		assert_json_text(r, "name", cases[i].name);
		assert_json(r, "route", cases[i].route);
		assert_json_text(r, "created_at", http_text(&before, "created_at"));
		assert_true(strcmp(http_text(&r, "updated_at"), http_text(&before, "updated_at")) >
		            0);
		after = ask("GET", id, driver.token, NULL);
		assert_string_equal(after.body, r.body);
		http_response_free(&before);
		http_response_free(&r);
		http_response_free(&after);
	}
}

TEST(a_deleted_route_is_gone)
{
	int64_t              id = save(driver.token, "gone", PARIS_TO_CAEN);
	struct http_response r = ask("DELETE", id, driver.token, NULL);
	static const char   *methods[] = {"GET", "PATCH", "DELETE"};

	assert_http(r, 204);
	assert_int_equal(r.body_len, 0);
	http_response_free(&r);
	for (size_t i = 0; i < 3; i++) {
		r = ask(methods[i], id, driver.token, NULL);
		assert_http_error(r, 404, "NOT_FOUND");
		http_response_free(&r);
	}
}

/* ---- refusals ---- */

TEST(anothers_route_does_not_exist)
{
	static const char   *methods[] = {"GET", "PATCH", "DELETE"};
	struct e2e_account   other = e2e_register(&server, "other");
	int64_t              id = save(driver.token, "mine", PARIS_TO_CAEN);
	struct http_response r;

	for (size_t i = 0; i < 3; i++) {
		r = ask(methods[i], id, other.token, i == 1 ? "{\"name\":\"stolen\"}" : NULL);
		assert_http_error(r, 404, "NOT_FOUND");
		http_response_free(&r);
	}
	r = http_get(server.port, "/users/me/routes", other.token);
	assert_http(r, 200);
	assert_json(r, "", "[]");
	http_response_free(&r);
	r = ask("GET", id, driver.token, NULL);
	assert_http(r, 200);
	assert_json_text(r, "name", "mine");
	http_response_free(&r);
}

TEST(saved_routes_are_for_accounts_only)
{
	static const struct {
		const char *method, *path;
	} cases[] = {
	        {"GET", "/users/me/routes"},      {"POST", "/users/me/routes"},
	        {"GET", "/users/me/routes/1"},    {"PATCH", "/users/me/routes/1"},
	        {"DELETE", "/users/me/routes/1"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r =
		        http_ask(server.port, &(struct http_request){.method = cases[i].method,
		                                                     .path = cases[i].path});

		assert_http_error(r, 401, "UNAUTHENTICATED");
		assert_string_equal(http_header(&r, "www-authenticate"), "Bearer");
		http_response_free(&r);
	}
}

TEST(the_routes_have_these_methods_only)
{
	static const struct {
		const char *method, *path, *allow;
	} cases[] = {
	        {"PUT", "/users/me/routes", "GET, POST"},
	        {"POST", "/users/me/routes/1", "DELETE, GET, PATCH"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r =
		        http_ask(server.port, &(struct http_request){.method = cases[i].method,
		                                                     .path = cases[i].path,
		                                                     .token = driver.token});

		assert_http_error(r, 405, "UNIMPLEMENTED");
		assert_string_equal(http_header(&r, "allow"), cases[i].allow);
		http_response_free(&r);
	}
}

TEST(a_malformed_number_is_400_and_one_of_no_route_404)
{
	static const struct {
		const char *path;
		long        status;
	} cases[] = {
	        {"/users/me/routes/x", 400},
	        {"/users/me/routes/1.5", 400},
	        {"/users/me/routes/99999999999999999999", 400},
	        {"/users/me/routes/-1", 404},
	        {"/users/me/routes/0", 404},
	        {"/users/me/routes/9007199254740991", 404},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_get(server.port, cases[i].path, driver.token);

		assert_http_error(r, cases[i].status,
		                  cases[i].status == 400 ? "INVALID_ARGUMENT" : "NOT_FOUND");
		http_response_free(&r);
	}
}

TEST(what_breaks_a_rule_is_named)
{
	static const struct {
		const char *body, *details;
	} cases[] = {
	        {"{}", "name route"},
	        {"{\"name\":\"\",\"route\":[]}", "name route"},
	        {"{\"name\":null,\"route\":null}", "name route"},
	        {"{\"name\":\"a\",\"route\":[{}]}", "route.0.lat route.0.lon"},
	        {"{\"name\":\"a\",\"route\":[{\"lat\":1,\"lon\":1},{\"lat\":1,\"lon\":null}]}",
	         "route.1.lon"},
	        {"{\"name\":\"a\",\"route\":[{\"lat\":90.0001,\"lon\":180.0001}]}",
	         "route.0.lat route.0.lon"},
	        {"{\"name\":\"a\",\"route\":[{\"lat\":-90.0001,\"lon\":-180.0001}]}",
	         "route.0.lat route.0.lon"},
	        {"{\"name\":\"a\",\"route\":[{\"lat\":\"NaN\",\"lon\":\"Infinity\"}]}",
	         "route.0.lat route.0.lon"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = create(driver.token, cases[i].body);

		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
}

TEST(a_patch_can_empty_nothing)
{
	static const struct {
		const char *body, *details;
	} cases[] = {
	        {"{\"name\":\"\"}", "name"},
	        {"{\"name\":null}", "name"},
	        {"{\"route\":[]}", "route"},
	        {"{\"route\":null}", "route"},
	        {"{\"name\":\"\",\"route\":[]}", "name route"},
	        {"{\"name\":\"new\",\"route\":[{\"lat\":1}]}", "route.0.lon"},
	};
	int64_t              id = save(driver.token, "whole", PARIS_TO_CAEN);
	struct http_response r;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		r = ask("PATCH", id, driver.token, cases[i].body);
		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
	r = ask("GET", id, driver.token, NULL);
	assert_json_text(r, "name", "whole");
	assert_json(r, "route", PARIS_TO_CAEN);
	http_response_free(&r);
}

TEST(a_body_of_another_kind_is_400_or_415)
{
	static const char *const bodies[] = {
	        "[",
	        "{\"name\":5,\"route\":" PARIS_TO_CAEN "}",
	        "{\"name\":\"a\",\"route\":{}}",
	        "{\"name\":\"a\",\"route\":[[1,2]]}",
	        "{\"name\":\"a\",\"route\":[null]}",
	        "{\"name\":\"a\",\"route\":[{\"lat\":\"north\",\"lon\":1}]}",
	        "{\"name\":\"a\",\"route\":[{\"lat\":true,\"lon\":1}]}",
	};
	struct http_response r;

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		r = create(driver.token, bodies[i]);
		assert_http_error(r, 400, "INVALID_ARGUMENT");
		http_response_free(&r);
	}
	r = http_ask(server.port, &(struct http_request){.method = "POST",
	                                                 .path = "/users/me/routes",
	                                                 .token = driver.token,
	                                                 .body = "name=a",
	                                                 .content_type = "text/plain"});
	assert_http_error(r, 415, "INVALID_ARGUMENT");
	http_response_free(&r);
}

TEST(a_name_has_1_to_100_characters_not_bytes)
{
	static const struct {
		const char *text;
		size_t      n;
		long        status;
	} cases[] = {
	        {"x", 1, 201},          {"x", 100, 201},        {"x", 101, 422},
	        {"\xc3\xa9", 100, 201}, {"\xc3\xa9", 101, 422}, {"\xf0\x9f\xa6\x86", 100, 201},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char                 name[512];
		size_t               len = 0;
		struct http_response r;

		for (size_t k = 0; k < cases[i].n; k++)
			len += (size_t)snprintf(name + len, sizeof name - len, "%s", cases[i].text);
		r = http_postf(server.port, "/users/me/routes", driver.token,
		               "{\"name\":\"%s\",\"route\":[{\"lat\":1,\"lon\":1}]}", name);
		assert_http(r, cases[i].status);
		if (cases[i].status == 201)
			assert_json_text(r, "name", name);
		else
			assert_details(r, "name");
		http_response_free(&r);
	}
}

/* ---- size ---- */

/* A body with n points of 7 decimals, each like none other; *out_points, the list, lies within. */
static char *body_of(size_t n, char **out_points)
{
	size_t size = n * 48 + 64;
	char  *text = malloc(size);
	size_t len = (size_t)snprintf(text, size, "{\"name\":\"long\",\"route\":");

	*out_points = text + len;
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, size - len, "%c{\"lat\":%.7f,\"lon\":%.7f}",
		                        i ? ',' : '[', -89.9 + (double)i * 0.0171717,
		                        -179.9 + (double)i * 0.0353535);
	snprintf(text + len, size - len, "]}");
	return text;
}

TEST(a_route_has_at_most_10000_points)
{
	char                *points, *longest = body_of(10000, &points), *too_long;
	struct http_response r = create(driver.token, longest);
	int64_t              id = http_int(&r, "id");

	assert_http(r, 201);
	http_response_free(&r);
	r = ask("GET", id, driver.token, NULL);
	assert_http(r, 200);
	assert_int_equal(json_array_size(http_json(&r, "route")), 10000);
	points[strlen(points) - 1] = '\0';
	assert_json(r, "route", points);
	http_response_free(&r);

	too_long = body_of(10001, &points);
	r = create(driver.token, too_long);
	assert_http_error(r, 422, "INVALID_ARGUMENT");
	assert_details(r, "route");
	http_response_free(&r);
	r = ask("PATCH", id, driver.token, too_long);
	assert_http_error(r, 422, "INVALID_ARGUMENT");
	assert_details(r, "route");
	http_response_free(&r);
	free(longest);
	free(too_long);
}

TEST(a_body_over_a_mebibyte_is_too_large)
{
	size_t               n = 1024 * 1024;
	char                *body = malloc(n + 64);
	struct http_response r;

	memset(body, ' ', n + 64);
	memcpy(body, "{\"name\":\"a\",\"route\":" PARIS_TO_CAEN "}",
	       strlen("{\"name\":\"a\",\"route\":" PARIS_TO_CAEN "}"));
	body[n] = '\0';
	r = create(driver.token, body);
	assert_http(r, 201);
	http_response_free(&r);
	body[n] = ' ';
	body[n + 1] = '\0';
	r = create(driver.token, body);
	assert_http_error(r, 413, "RESOURCE_EXHAUSTED");
	http_response_free(&r);
	free(body);
}

TEST(a_page_ends_early_when_its_routes_are_long)
{
	struct e2e_account   hauler = e2e_register(&server, "hauler");
	char                *points, *longest = body_of(10000, &points);
	struct http_response r;
	char                 path[64];
	int64_t              ids[6];

	for (size_t i = 0; i < 6; i++) {
		r = create(hauler.token, longest);
		assert_http(r, 201);
		ids[i] = http_int(&r, "id");
		http_response_free(&r);
	}
	r = http_get(server.port, "/users/me/routes", hauler.token);
	assert_http(r, 200);
	assert_int_equal(json_array_size(http_json(&r, "")), 5);
	assert_int_equal(http_int(&r, "0.id"), ids[5]);
	assert_int_equal(http_int(&r, "4.id"), ids[1]);
	http_response_free(&r);

	snprintf(path, sizeof path, "/users/me/routes?before=%" PRId64, ids[1]);
	r = http_get(server.port, path, hauler.token);
	assert_int_equal(json_array_size(http_json(&r, "")), 1);
	assert_int_equal(http_int(&r, "0.id"), ids[0]);
	http_response_free(&r);
	/* Going up, what is dropped is the far end. */
	r = http_get(server.port, "/users/me/routes?after=0", hauler.token);
	assert_http_error(r, 422, "INVALID_ARGUMENT");
	http_response_free(&r);
	snprintf(path, sizeof path, "/users/me/routes?after=%" PRId64, ids[0]);
	r = http_get(server.port, path, hauler.token);
	assert_int_equal(json_array_size(http_json(&r, "")), 5);
	assert_int_equal(http_int(&r, "4.id"), ids[1]);
	http_response_free(&r);
	free(longest);
}

/* ---- lists ---- */

/* The names of the routes listed, "c b a". */
static void assert_listed(const char *token, const char *query, const char *names)
{
	struct http_response r;
	char                 path[128], all[256] = "";
	size_t               len = 0;

	snprintf(path, sizeof path, "/users/me/routes%s", query);
	r = http_get(server.port, path, token);
	assert_http(r, 200);
	for (size_t i = 0; i < json_array_size(http_json(&r, "")); i++) {
		char name[32];

		snprintf(name, sizeof name, "%zu.name", i);
		len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", i ? " " : "",
		                        http_text(&r, name));
	}
	if (strcmp(all, names) != 0)
		fail_msg("%s lists \"%s\", not \"%s\"", path, all, names);
	http_response_free(&r);
}

TEST(routes_are_listed_newest_first_in_pages)
{
	static const char *const names[] = {"a", "b", "c", "d", "e"};
	struct e2e_account       lister = e2e_register(&server, "lister");
	int64_t                  ids[5];
	char                     query[64];
	struct http_response     r;

	for (size_t i = 0; i < 5; i++)
		ids[i] = save(lister.token, names[i], PARIS_TO_CAEN);
	assert_listed(lister.token, "", "e d c b a");
	assert_listed(lister.token, "?limit=2", "e d");
	assert_listed(lister.token, "?limit=2&offset=1", "d c");
	assert_listed(lister.token, "?limit=200&offset=4", "a");
	assert_listed(lister.token, "?offset=5", "");
	assert_listed(lister.token, "?unknown=x", "e d c b a");
	snprintf(query, sizeof query, "?limit=2&before=%" PRId64, ids[3]);
	assert_listed(lister.token, query, "c b");
	snprintf(query, sizeof query, "?limit=2&after=%" PRId64, ids[1]);
	assert_listed(lister.token, query, "d c");
	snprintf(query, sizeof query, "?before=%" PRId64 "&after=%" PRId64, ids[4], ids[0]);
	assert_listed(lister.token, query, "d c b");

	r = http_get(server.port, "/users/me/routes?limit=1", lister.token);
	assert_keys(r, "0", "created_at id name route updated_at");
	assert_json(r, "0.route", PARIS_TO_CAEN);
	http_response_free(&r);
}

TEST(a_page_has_50_routes_unless_said)
{
	struct e2e_account   many = e2e_register(&server, "many");
	struct http_response r;

	for (size_t i = 0; i < 51; i++)
		save(many.token, "one of many", "[{\"lat\":1,\"lon\":1}]");
	r = http_get(server.port, "/users/me/routes", many.token);
	assert_int_equal(json_array_size(http_json(&r, "")), 50);
	http_response_free(&r);
	r = http_get(server.port, "/users/me/routes?limit=200", many.token);
	assert_int_equal(json_array_size(http_json(&r, "")), 51);
	http_response_free(&r);
}

TEST(a_page_out_of_range_is_422_and_no_number_400)
{
	static const struct {
		const char *query;
		long        status;
	} cases[] = {
	        {"limit=0", 422},    {"limit=201", 422}, {"limit=-1", 422}, {"offset=-1", 422},
	        {"before=0", 422},   {"after=-5", 422},  {"limit=x", 400},  {"limit=", 400},
	        {"offset=1.5", 400}, {"before=a", 400},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r;
		char                 path[64];

		snprintf(path, sizeof path, "/users/me/routes?%s", cases[i].query);
		r = http_get(server.port, path, driver.token);
		assert_http_error(r, cases[i].status, "INVALID_ARGUMENT");
		http_response_free(&r);
	}
}

/* ---- the account ---- */

TEST(routes_go_with_their_account)
{
	struct e2e_account   leaver = e2e_register(&server, "leaver");
	struct http_response r;
	struct sql           sql;
	char                 query[128];

	save(leaver.token, "last", PARIS_TO_CAEN);
	sql_open(&sql, server.db_url);
	snprintf(query, sizeof query, "DELETE FROM users.accounts WHERE id = %" PRId64 ";",
	         leaver.id);
	sql_run(&sql, query);
	snprintf(query, sizeof query,
	         "SELECT count(*) FROM users.saved_routes WHERE account_id = %" PRId64 ";",
	         leaver.id);
	assert_int_equal(sql_number(&sql, query), 0);
	sql_close(&sql);
	r = create(leaver.token, "{\"name\":\"late\",\"route\":" PARIS_TO_CAEN "}");
	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
}

TEST_MAIN(start, stop)
