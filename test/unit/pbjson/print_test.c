#include "pbjson/pbjson.h"

#include "test/support/test.h"
#include "test/unit/pbjson/sample.h"

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

static ProtobufCMessage *parse(const char *json, const struct pb_message *schema)
{
	struct pbjson_error error;
	ProtobufCMessage   *m = sample_new(&arena, schema);

	assert_status(pbjson_parse(&arena, str_c(json), schema, m, NULL, &error), CODE_OK);
	return m;
}

TEST(print_string_escapes_what_json_does_not_allow_and_no_more)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	        {"", "\"\""},
	        {"plain", "\"plain\""},
	        {"\"\\/", "\"\\\"\\\\/\""},
	        {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
	        {"a\x01z\x1f", "\"a\\u0001z\\u001f\""},
	        {"\x7f\xc3\xa9\xf0\x9f\xa6\x86<", "\"\x7f\xc3\xa9\xf0\x9f\xa6\x86<\""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buf_reset(&out);
		pbjson_print_string(&out, str_c(cases[i].in));
		assert_str(buf_str(&out), cases[i].out);
	}
}

TEST(print_takes_each_option_by_itself)
{
	static const struct {
		const struct pb_message *schema;
		const char              *json;
		struct pbjson_options    options;
		const char              *out;
	} cases[] = {
	        {SCALARS, "{\"a_int64\":5}", {.use_proto_names = true}, "{\"a_int64\":\"5\"}"},
	        {SCALARS, "{\"a_int64\":5}", {.int64_as_number = true}, "{\"aInt64\":5}"},
	        {SCALARS, "{\"a_colour\":1}", {.enum_as_number = true}, "{\"aColour\":1}"},
	        {NAMES, "[\"a\"]", {.inline_lists = true}, "[\"a\"]"},
	        {NAMES, "[]", {.print_implicit = true}, "{\"names\":[]}"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ProtobufCMessage *m = parse(cases[i].json, cases[i].schema);

		buf_reset(&out);
		assert_status(pbjson_print(&out, m, cases[i].schema, &cases[i].options), CODE_OK);
		assert_str(buf_str(&out), cases[i].out);
	}
}

TEST(print_field_prints_zero_or_null_for_what_is_absent)
{
	static const struct {
		const struct pb_message *schema;
		const char              *json, *field, *out;
	} cases[] = {
	        {SCALARS, "{}", "a_string", "\"\""},
	        {SCALARS, "{\"a_int64\":7}", "a_int64", "7"},
	        {CHOICES, "{}", "maybe_int", "null"},
	        {CHOICES, "{}", "home", "null"},
	        {CHOICES, "{\"home\":{}}", "home", "{\"lat\":0,\"lon\":0}"},
	        {CHOICES, "{\"text\":\"x\"}", "text", "\"x\""},
	        {CHOICES, "{\"text\":\"x\"}", "number", "null"},
	        {CHOICES, "{\"friends\":[\"a\"]}", "friends", "[\"a\"]"},
	        {LISTS, "{}", "ints", "[]"},
	        {MAPS, "{}", "by_name", "{}"},
	        {KNOWN, "{\"value\":null}", "value", "null"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ProtobufCMessage *m = parse(cases[i].json, cases[i].schema);

		buf_reset(&out);
		assert_status(pbjson_print_field(&out, m, cases[i].schema, cases[i].field,
		                                 &pbjson_public),
		              CODE_OK);
		assert_str(buf_str(&out), cases[i].out);
	}
	assert_status(
	        pbjson_print_field(&out, parse("{}", NAMES), NAMES, "nothing", &pbjson_public),
	        CODE_INTERNAL);
}

/* The wire may leave the value of a map's entry out; protobuf-c then has NULL there. */
TEST(print_takes_a_missing_message_in_a_map_for_an_empty_one)
{
	sample_maps *m = (void *)parse("{\"places\":{\"a\":{}},\"reactions\":{\"b\":[]},"
	                               "\"values\":{\"1\":2}}",
	                               MAPS);

	m->places[0]->value = NULL;
	m->reactions[0]->value = NULL;
	m->values[0]->value = NULL;
	buf_reset(&out);
	assert_status(pbjson_print(&out, &m->base, MAPS, &pbjson_canonical), CODE_OK);
	assert_str(buf_str(&out),
	           "{\"places\":{\"a\":{}},\"reactions\":{\"b\":{}},\"values\":{\"1\":null}}");
	buf_reset(&out);
	assert_status(pbjson_print(&out, &m->base, MAPS, &pbjson_public), CODE_OK);
	assert_str(buf_str(&out),
	           "{\"by_name\":{},\"by_number\":{},\"by_answer\":{},"
	           "\"places\":{\"a\":{\"lat\":0,\"lon\":0}},\"reactions\":{\"b\":[]},"
	           "\"values\":{\"1\":null}}");
}

TEST(print_is_internal_and_appends_nothing_when_json_cannot_hold_the_message)
{
	static char        bad_path[] = "Not_A__Name", bad_text[] = "a\",b";
	sample_well_known *m = (void *)parse("{\"time\":\"2026-11-21T10:00:00Z\"}", KNOWN);

	buf_reset(&out);
	buf_put(&out, STR("before"));
	m->time->nanos = -1;
	assert_status(pbjson_print(&out, &m->base, KNOWN, &pbjson_public), CODE_INTERNAL);
	m = (void *)parse("{\"duration\":\"1s\"}", KNOWN);
	m->duration->nanos = -1;
	assert_status(pbjson_print(&out, &m->base, KNOWN, &pbjson_public), CODE_INTERNAL);
	m = (void *)parse("{\"value\":1}", KNOWN);
	m->value->number_value = 1.0 / 0.0;
	assert_status(pbjson_print(&out, &m->base, KNOWN, &pbjson_public), CODE_INTERNAL);
	m = (void *)parse("{\"mask\":\"a\"}", KNOWN);
	m->mask->paths[0] = bad_path;
	assert_status(pbjson_print(&out, &m->base, KNOWN, &pbjson_canonical), CODE_INTERNAL);
	m->mask->paths[0] = bad_text;
	assert_status(pbjson_print(&out, &m->base, KNOWN, &pbjson_public), CODE_INTERNAL);
	assert_str(buf_str(&out), "before");
}

TEST(print_stops_at_the_ceiling_of_the_buffer)
{
	struct buf small;

	buf_init(&small, 10);
	assert_status(pbjson_print(&small, parse("{}", INCIDENT), INCIDENT, &pbjson_public),
	              CODE_RESOURCE_EXHAUSTED);
	buf_fini(&small);
}

TEST_MAIN(set_up, tear_down)
