#include "pbjson/pbjson.h"

#include "test/support/test.h"
#include "test/unit/pbjson/sample.h"

#define SIGHTINGS (&sample_sightings_schema)

static struct arena arena;
static struct buf   out;

static int set_up(void **state __attribute__((unused)))
{
	arena_init(&arena, SAMPLE_ARENA_BYTES);
	buf_init(&out, SAMPLE_ARENA_BYTES);
	return 0;
}

static int tear_down(void **state __attribute__((unused)))
{
	buf_fini(&out);
	arena_fini(&arena);
	return 0;
}

static status print(const char *json, const struct pbjson_options *options)
{
	struct pbjson_error error;
	ProtobufCMessage   *m = sample_new(&arena, SIGHTINGS);

	assert_status(pbjson_parse(&arena, str_c(json), SIGHTINGS, m, NULL, &error), CODE_OK);
	return pbjson_print_places(&out, m, SIGHTINGS, "ducks", options);
}

TEST(places_are_a_feature_collection_of_points_longitude_first)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	        {"{}", "{\"type\":\"FeatureCollection\",\"features\":[]}"},
	        {"{\"ducks\": [{\"id\": 7, \"lat\": 48.8566, \"lon\": 2.3522, \"note\": \"a\\\"b\","
	         " \"seen_by\": [\"roger\"], \"distance\": 12.5}]}",
	         "{\"type\":\"FeatureCollection\",\"features\":["
	         "{\"type\":\"Feature\",\"id\":7,"
	         "\"geometry\":{\"type\":\"Point\",\"coordinates\":[2.3522,48.8566]},"
	         "\"properties\":{\"note\":\"a\\\"b\",\"distance\":12.5,\"seen_by\":[\"roger\"]}}]}"},
	        {"{\"ducks\": [{\"id\": 1}, {\"id\": 2, \"lat\": -90, \"lon\": -180}]}",
	         "{\"type\":\"FeatureCollection\",\"features\":["
	         "{\"type\":\"Feature\",\"id\":1,"
	         "\"geometry\":{\"type\":\"Point\",\"coordinates\":[0,0]},"
	         "\"properties\":{\"note\":\"\",\"seen_by\":[]}},"
	         "{\"type\":\"Feature\",\"id\":2,"
	         "\"geometry\":{\"type\":\"Point\",\"coordinates\":[-180,-90]},"
	         "\"properties\":{\"note\":\"\",\"seen_by\":[]}}]}"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_reset(&out);
		assert_status(print(cases[i].in, &pbjson_public), CODE_OK);
		assert_str(buf_str(&out), cases[i].out);
	}
}

TEST(other_options_hold_within_a_feature_too)
{
	buf_reset(&out);
	assert_status(print("{\"ducks\": [{\"id\": 7, \"seen_by\": [\"r\"]}]}", &pbjson_canonical),
	              CODE_OK);
	assert_str(buf_str(&out), "{\"type\":\"FeatureCollection\",\"features\":["
	                          "{\"type\":\"Feature\",\"id\":\"7\","
	                          "\"geometry\":{\"type\":\"Point\",\"coordinates\":[0,0]},"
	                          "\"properties\":{\"seenBy\":[\"r\"]}}]}");
}

TEST(a_place_that_is_nowhere_leaves_nothing_behind)
{
	buf_reset(&out);
	buf_put(&out, STR("before"));
	assert_status(print("{\"ducks\": [{\"id\": 1}, {\"lat\": \"NaN\"}]}", &pbjson_public),
	              CODE_INTERNAL);
	assert_str(buf_str(&out), "before");
	assert_status(print("{\"ducks\": [{\"lon\": \"-Infinity\"}]}", &pbjson_public),
	              CODE_INTERNAL);
	assert_str(buf_str(&out), "before");
}

TEST_MAIN(set_up, tear_down)
