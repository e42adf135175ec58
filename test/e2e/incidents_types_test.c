#include "test/e2e/room.h"

static struct server server;

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

static struct http_response get(const char *path)
{
	return e2e_ask(&server, "GET", path, NULL, "%s", "");
}

TEST(the_types_have_the_numbers_that_clients_know)
{
	static const struct {
		const char *name;
		bool        need_recalculation;
	} types[] = {{"Accident", false},
	             {"Route Fermée", true},
	             {"Embouteillage", true},
	             {"Contrôle de Police", false},
	             {"Obstacles", false}};
	struct http_response r = get("/incidents/types");

	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), sizeof types / sizeof *types);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		char path[32];

		snprintf(path, sizeof path, "%zu", i);
		assert_keys(r, path, "description id name need_recalculation");
		snprintf(path, sizeof path, "%zu.id", i);
		assert_int_equal(http_int(&r, path), (int64_t)i + 1);
		snprintf(path, sizeof path, "%zu.name", i);
		assert_json_text(r, path, types[i].name);
		snprintf(path, sizeof path, "%zu.need_recalculation", i);
		assert_json(r, path, types[i].need_recalculation ? "true" : "false");
	}
	http_response_free(&r);
}

TEST(a_type_is_found_by_its_number)
{
	struct http_response r = get("/incidents/types/3");

	assert_http(r, 200);
	assert_keys(r, "", "description id name need_recalculation");
	assert_json_text(r, "name", "Embouteillage");
	http_response_free(&r);
	assert_answer(get("/incidents/types/6"), 404, "NOT_FOUND");
	assert_answer(get("/incidents/types/x"), 400, "INVALID_ARGUMENT");
}

TEST_MAIN(start, stop)
