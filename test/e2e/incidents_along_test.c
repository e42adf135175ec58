#include "test/e2e/room.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "test/e2e/sql.h"

static struct server      server;
static struct sql         sql;
static struct e2e_account driver, other;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	driver = e2e_register(&server, "driver");
	other = e2e_register(&server, "other");
	sql_open(&sql, server.db_url);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	sql_close(&sql);
	server_stop(&server);
	return 0;
}

/* Reported by the driver; as many at once as a test likes. */
static int64_t report(double lat, double lon)
{
	char statement[256];

	snprintf(statement, sizeof statement,
	         "INSERT INTO incidents.incidents (type_id, account_id, place) VALUES"
	         " (1, %" PRId64 ", ST_MakePoint(%.17g, %.17g)::geography) RETURNING id;",
	         driver.id, lon, lat);
	return sql_number(&sql, statement);
}

static struct http_response along(const char *body)
{
	return http_post(server.port, "/incidents/along", NULL, body);
}

/* The list has these incidents, up to 0, in this order. */
#define assert_list(r, ...)                                                                        \
	assert_ids(&(r), (const int64_t[]){__VA_ARGS__ __VA_OPT__(, ) 0}, __LINE__)
static void assert_ids(struct http_response *r, const int64_t *ids, int line)
{
	size_t  i;
	json_t *incident;

	assert_http(*r, 200);
	json_array_foreach(r->json, i, incident)
	{
		if (json_integer_value(json_object_get(incident, "id")) != ids[i])
			fail_msg("line %d, item %zu: %s", line, i, r->body);
	}
	if (ids[json_array_size(r->json)] != 0)
		fail_msg("line %d, too few: %s", line, r->body);
	http_response_free(r);
}

static double distance(const struct http_response *r, const char *path)
{
	return json_number_value(http_json(r, path));
}

/* ---- the way ---- */

TEST(what_is_along_a_route_comes_in_its_order_with_the_distance_from_it)
{
	int64_t              late = report(10, 20.9), early = report(10.0002, 20.1);
	int64_t              middle = report(9.9999, 20.5), aside = report(10.008, 20.3);
	struct http_response r;

	report(10.02, 20.3);
	r = along("{\"route\":[{\"lat\":10,\"lon\":20},{\"lat\":10,\"lon\":20.5},"
	          "{\"lat\":10,\"lon\":21}],\"within\":1000}");
	assert_http(r, 200);
	assert_keys(r, "0", "created_at distance id lat lon type updated_at user");
	assert_json_text(r, "0.user.handle", "@driver");
	assert_json_text(r, "0.type.name", "Accident");
	/* The great circle runs some metres north of the parallel. */
	assert_true(fabs(distance(&r, "0.distance") - 22.1) < 10);
	assert_true(fabs(distance(&r, "2.distance") - 11.06) < 0.01);
	assert_list(r, early, aside, middle, late);
	r = along("{\"route\":[{\"lat\":10,\"lon\":20},{\"lat\":10,\"lon\":20.5},"
	          "{\"lat\":10,\"lon\":21}]}");
	assert_list(r, early, middle, late);
	r = along("{\"route\":[{\"lat\":10,\"lon\":21},{\"lat\":10,\"lon\":20.5},"
	          "{\"lat\":10,\"lon\":20}],\"limit\":2}");
	assert_list(r, late, middle);
}

TEST(what_is_passed_twice_stands_where_it_is_passed_first)
{
	int64_t              first = report(10, 30.1), last = report(10, 30.4);
	struct http_response r;

	r = along("{\"route\":[{\"lat\":10,\"lon\":30},{\"lat\":10,\"lon\":30.2},"
	          "{\"lat\":10,\"lon\":30},{\"lat\":10,\"lon\":30.5}],\"within\":100}");
	assert_list(r, first, last);
	r = along("{\"route\":[{\"lat\":10,\"lon\":30.5},{\"lat\":10,\"lon\":30},"
	          "{\"lat\":10,\"lon\":30.5}],\"within\":100}");
	assert_list(r, last, first);
}

TEST(the_date_line_and_the_poles_are_on_the_way)
{
	int64_t              west = report(-17, -179.9), east = report(-17.0001, 179.9);
	int64_t              near_pole = report(89.95, -120), behind = report(89.9, 60);
	struct http_response r;

	r = along("{\"route\":[{\"lat\":-17,\"lon\":179.8},{\"lat\":-17,\"lon\":-179.8}]}");
	assert_list(r, east, west);
	r = along("{\"route\":[{\"lat\":89.8,\"lon\":-120},{\"lat\":89.8,\"lon\":60}]}");
	assert_list(r, near_pole, behind);
}

TEST(a_single_point_is_a_circle)
{
	int64_t              near = report(10, 40.001), nearer = report(10, 40.0005);
	struct http_response r = along("{\"route\":[{\"lat\":10,\"lon\":40}],\"within\":150}");

	/* Nowhere along the way comes after anything: the nearest is first. */
	assert_http(r, 200);
	assert_true(fabs(distance(&r, "0.distance") - 54.82) < 0.01);
	assert_list(r, nearer, near);
	r = along("{\"route\":[{\"lat\":10,\"lon\":40}],\"within\":100}");
	assert_list(r, nearer);
	/* All the same in two points. */
	r = along("{\"route\":[{\"lat\":10,\"lon\":40},{\"lat\":10,\"lon\":40}],\"within\":100}");
	assert_list(r, nearer);
}

TEST(what_went_is_on_no_route)
{
	int64_t              there = report(10, 50.001), gone = report(10, 50);
	char                 statement[128];
	struct http_response r;

	snprintf(statement, sizeof statement,
	         "UPDATE incidents.incidents SET deleted_time = now() WHERE id = %" PRId64 ";",
	         gone);
	sql_run(&sql, statement);
	r = along("{\"route\":[{\"lat\":10,\"lon\":50}],\"within\":1000}");
	assert_list(r, there);
}

TEST(what_others_said_comes_along_when_it_is_asked_for)
{
	int64_t              id = report(10, 60);
	struct http_response r = http_post(server.port, "/incidents/along?include=summary", NULL,
	                                   "{\"route\":[{\"lat\":10,\"lon\":60}]}");

	assert_http(r, 200);
	assert_int_equal(http_int(&r, "0.interactions_summary.total"), 0);
	assert_list(r, id);
}

/* A route of so many points from there to the east, each so many degrees further. */
static char *eastward(size_t n, double lat, double lon, double step)
{
	struct buf text;
	size_t     len;

	buf_init(&text, 2 << 20);
	buf_put(&text, STR("{\"route\":["));
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%s{\"lat\":%.6f,\"lon\":%.6f}", i ? "," : "", lat,
		           lon + (double)i * step);
	buf_put(&text, STR("]}"));
	buf_put_c(&text, '\0');
	assert_status(buf_status(&text), CODE_OK);
	return buf_take(&text, &len);
}

TEST(ten_thousand_points_over_a_thousand_kilometres_are_no_trouble)
{
	int64_t              first = report(0, 70.0005), middle = report(0.0001, 75);
	int64_t              last = report(0, 78.998);
	char                *body = eastward(10000, 0, 70, 0.0009);
	int64_t              begun_ns = clock_now_ns();
	struct http_response r = along(body);

	assert_true(clock_now_ns() - begun_ns < INT64_C(5000000000));
	assert_list(r, first, middle, last);
	mem_free(body);
}

TEST(a_route_is_not_without_end)
{
	struct http_response r = along("{\"route\":[{\"lat\":0,\"lon\":0},{\"lat\":0,\"lon\":179},"
	                               "{\"lat\":0,\"lon\":0},{\"lat\":0,\"lon\":179},"
	                               "{\"lat\":0,\"lon\":0},{\"lat\":0,\"lon\":179},"
	                               "{\"lat\":0,\"lon\":0}]}");

	assert_json_text(r, "details.0.field", "route");
	assert_json_text(r, "details.0.reason", "must not be longer than 100,000 km");
	assert_answer(r, 422, "INVALID_ARGUMENT");
}

TEST(what_is_wrong_with_a_route_is_said)
{
#define ROUTE "\"route\":[{\"lat\":1,\"lon\":1},{\"lat\":1,\"lon\":2}]"
	static const struct {
		const char *body;
		long        status;
		const char *field;
	} cases[] = {
	        {"{}", 422, "route"},
	        {"{\"route\":[]}", 422, "route"},
	        {"{\"route\":[{\"lat\":1,\"lon\":1},{\"lat\":91,\"lon\":1}]}", 422, "route.1.lat"},
	        {"{\"route\":[{\"lat\":1,\"lon\":-180.1}]}", 422, "route.0.lon"},
	        {"{\"route\":[{\"lat\":1}]}", 422, "route.0.lon"},
	        {"{" ROUTE ",\"within\":0.9}", 422, "within"},
	        {"{" ROUTE ",\"within\":1000.1}", 422, "within"},
	        {"{" ROUTE ",\"limit\":0}", 422, "limit"},
	        {"{" ROUTE ",\"limit\":10001}", 422, "limit"},
	        {"{" ROUTE ",\"include\":\"all\"}", 422, "include"},
	        {"{\"route\":[{\"lat\":\"x\",\"lon\":1}]}", 400, "route.0.lat"},
	        {"{\"route\":7}", 400, "route"},
	};
	char *body = eastward(10001, 1, 1, 0.0001);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = along(cases[i].body);

		assert_json_text(r, "details.0.field", cases[i].field);
		assert_answer(r, cases[i].status, "INVALID_ARGUMENT");
	}
	assert_answer(along(body), 422, "INVALID_ARGUMENT");
	mem_free(body);
#undef ROUTE
}

/* ---- saved routes ---- */

static struct http_response along_saved(const char *token, int64_t route_id, const char *more)
{
	char path[128];

	snprintf(path, sizeof path, "/incidents/along?route_id=%" PRId64 "%s", route_id, more);
	return http_get(server.port, path, token);
}

static int64_t save(const char *token, const char *points)
{
	struct http_response r = http_postf(server.port, "/users/me/routes", token,
	                                    "{\"name\":\"to work\",\"route\":%s}", points);
	int64_t              id = http_int(&r, "id");

	assert_http(r, 201);
	http_response_free(&r);
	return id;
}

TEST(a_saved_route_of_ones_own_is_a_route)
{
	int64_t late = report(20, 20.9), early = report(20.0001, 20.1),
	        aside = report(20.005, 20.95);
	int64_t route = save(driver.token, "[{\"lat\":20,\"lon\":20},{\"lat\":20,\"lon\":20.5},"
	                                   "{\"lat\":20,\"lon\":21}]");
	struct http_response r = along_saved(driver.token, route, "&within=200");

	assert_list(r, early, late);
	r = along_saved(driver.token, route, "&within=1000");
	assert_list(r, early, late, aside);
	r = along_saved(driver.token, route, "&within=1000&limit=1");
	assert_list(r, early);
}

TEST(a_saved_route_of_another_is_not_there)
{
	int64_t route = save(driver.token, "[{\"lat\":20,\"lon\":20}]");

	assert_answer(along_saved(other.token, route, ""), 404, "NOT_FOUND");
	assert_answer(along_saved(driver.token, 999999, ""), 404, "NOT_FOUND");
	assert_answer(along_saved(NULL, route, ""), 401, "UNAUTHENTICATED");
	assert_answer(along_saved(driver.token, route, "&within=1001"), 422, "INVALID_ARGUMENT");
	assert_answer(along_saved(driver.token, route, "&within=x"), 400, "INVALID_ARGUMENT");
	assert_answer(http_get(server.port, "/incidents/along", driver.token), 422,
	              "INVALID_ARGUMENT");
	assert_answer(http_get(server.port, "/incidents/along?route_id=x", driver.token), 400,
	              "INVALID_ARGUMENT");
}

/* ---- GeoJSON ---- */

static struct http_response ask_accepting(const char *method, const char *path, const char *body,
                                          const char *const *accept)
{
	return http_ask(server.port, &(struct http_request){.method = method,
	                                                    .path = path,
	                                                    .token = driver.token,
	                                                    .body = body,
	                                                    .headers = accept});
}

static void assert_geojson(struct http_response r, int64_t id, double lat, double lon)
{
	assert_http(r, 200);
	assert_string_equal(http_header(&r, "content-type"), "application/geo+json");
	assert_string_equal(http_header(&r, "vary"), "accept");
	assert_keys(r, "", "features type");
	assert_json_text(r, "type", "FeatureCollection");
	assert_int_equal(json_array_size(http_json(&r, "features")), 1);
	assert_keys(r, "features.0", "geometry id properties type");
	assert_json_text(r, "features.0.type", "Feature");
	assert_int_equal(http_int(&r, "features.0.id"), id);
	assert_json_text(r, "features.0.geometry.type", "Point");
	assert_true(json_number_value(http_json(&r, "features.0.geometry.coordinates.0")) == lon);
	assert_true(json_number_value(http_json(&r, "features.0.geometry.coordinates.1")) == lat);
	assert_json_text(r, "features.0.properties.user.handle", "@driver");
	assert_null(http_json(&r, "features.0.properties.lat"));
	http_response_free(&r);
}

TEST(lists_are_geojson_to_who_asks_for_it)
{
	static const char *const geojson[] = {"accept: application/geo+json", NULL};
	static const char *const rather[] = {"accept: application/json;q=0.5",
	                                     "accept: text/html, application/geo+json;q=0.6", NULL};
	int64_t                  here = report(30.5, -20.25), gone = report(31.5, -21.25);
	int64_t                  route = save(driver.token, "[{\"lat\":30.5,\"lon\":-20.25}]");
	char                     path[64], statement[128];

	snprintf(statement, sizeof statement,
	         "UPDATE incidents.incidents SET deleted_time = now() + interval '1 hour'"
	         " WHERE id = %" PRId64 ";",
	         gone);
	sql_run(&sql, statement);
	snprintf(path, sizeof path, "/incidents/along?route_id=%" PRId64, route);
	assert_geojson(ask_accepting("GET", path, NULL, geojson), here, 30.5, -20.25);
	assert_geojson(ask_accepting("POST", "/incidents/along",
	                             "{\"route\":[{\"lat\":30.5,\"lon\":-20.25}]}", rather),
	               here, 30.5, -20.25);
	assert_geojson(
	        ask_accepting("GET", "/incidents?lat=30.5&lon=-20.25&radius=10", NULL, geojson),
	        here, 30.5, -20.25);
	assert_geojson(ask_accepting("GET", "/incidents/me/history?limit=1", NULL, rather), gone,
	               31.5, -21.25);
}

TEST(lists_are_json_to_all_others)
{
	static const char *const accepts[][2] = {
	        {"accept: application/json", NULL},
	        {"accept: */*", NULL},
	        {"accept: text/html", NULL},
	        {"accept: application/geo+json;q=0.5, application/json", NULL},
	        {"accept: application/geo+json;q=0", NULL},
	        {"accept: nonsense", NULL},
	        {"accept:", NULL},
	};
	int64_t id = report(35, -20);

	for (size_t i = 0; i < sizeof accepts / sizeof *accepts; i++) {
		struct http_response r = ask_accepting("GET", "/incidents?lat=35&lon=-20&radius=10",
		                                       NULL, accepts[i]);

		assert_http(r, 200);
		assert_string_equal(http_header(&r, "content-type"), "application/json");
		assert_string_equal(http_header(&r, "vary"), "accept");
		assert_list(r, id);
	}
}

TEST(what_is_wrong_is_said_in_json_whatever_is_asked_for)
{
	static const char *const geojson[] = {"accept: application/geo+json", NULL};
	struct http_response     r = ask_accepting("GET", "/incidents?lat=91", NULL, geojson);

	assert_string_equal(http_header(&r, "content-type"), "application/json");
	assert_answer(r, 422, "INVALID_ARGUMENT");
	/* Where there are no places, nothing is asked. */
	r = ask_accepting("GET", "/incidents/types", NULL, geojson);
	assert_http(r, 200);
	assert_string_equal(http_header(&r, "content-type"), "application/json");
	assert_null(http_header(&r, "vary"));
	http_response_free(&r);
}

TEST_MAIN(start, stop)
