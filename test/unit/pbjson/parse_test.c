#include "pbjson/pbjson.h"

#include "test/support/test.h"
#include "test/unit/pbjson/sample.h"

#include <string.h>

static struct arena        arena;
static struct pbjson_error error;

static int set_up(void **state __attribute__((unused)))
{
	arena_init(&arena, SAMPLE_ARENA_BYTES);
	return 0;
}

static int tear_down(void **state __attribute__((unused)))
{
	arena_fini(&arena);
	return 0;
}

static void assert_error(const char *in, const char *field, const char *reason)
{
	if (strcmp(error.field, field) != 0 || strcmp(error.reason, reason) != 0)
		print_error("%s\n", in);
	assert_string_equal(error.field, field);
	assert_string_equal(error.reason, reason);
}

TEST(parse_names_the_field_and_the_reason)
{
	static const char NUMBER[] = "must be a number", WHOLE[] = "must be a whole number";
	static const char RANGE[] = "is out of range", STRING[] = "must be a string";
	static const char BOOL[] = "must be true or false",
	                  ENUM[] = "is not one of the known values";
	static const char LIST[] = "must be a list", OBJECT[] = "must be an object";
	static const char BASE64[] = "must be base64", NOT_NULL[] = "must not be null";
	static const char TWICE[] = "is given twice",
	                  NAMES_OF[] = "must be names of fields, separated by commas";
	static const char TIME[] = "must be a time such as 2026-11-21T10:00:00Z";
	static const char DURATION[] = "must be a duration such as 1.5s";
	static const struct {
		const struct pb_message *schema;
		const char              *in, *field, *reason;
	} cases[] = {
	        {SCALARS, "", "", "is not valid JSON: unexpected end at byte 1"},
	        {SCALARS, "{", "", "is not valid JSON: unexpected end at byte 2"},
	        {SCALARS, "{} {}", "", "is not valid JSON: unexpected character at byte 4"},
	        {SCALARS, "{\"a_int32\":x}", "",
	         "is not valid JSON: unexpected character at byte 12"},
	        {SCALARS, "{\"a_int32\":1,}", "",
	         "is not valid JSON: unexpected character at byte 14"},
	        {SCALARS, "{\"unknown\":[1,}", "",
	         "is not valid JSON: unexpected character at byte 15"},
	        {SCALARS, "{\"unknown\":NaN}", "",
	         "is not valid JSON: unexpected character at byte 12"},
	        {SCALARS, "{\"a_bool\":truth}", "",
	         "is not valid JSON: unexpected character at byte 11"},
	        {SCALARS, "{\"a_int32\":-}", "",
	         "is not valid JSON: unexpected character at byte 13"},
	        {SCALARS, "{\"a_string\":\"\\u0000\"}", "",
	         "is not valid JSON: NUL in a string at byte 14"},
	        {SCALARS, "{\"a_string\":\"\xff\"}", "", "is not valid JSON: bad UTF-8 at byte 14"},
	        {SCALARS, "{\"a_string\":\"\\udead\"}", "",
	         "is not valid JSON: unpaired surrogate at byte 14"},
	        {SCALARS, "[]", "", OBJECT},
	        {SCALARS, "null", "", OBJECT},
	        {SCALARS, "\"{}\"", "", OBJECT},
	        {SCALARS, "{\"a_int32\":true}", "a_int32", NUMBER},
	        {SCALARS, "{\"aInt32\":[]}", "a_int32", NUMBER},
	        {SCALARS, "{\"a_int32\":\"x\"}", "a_int32", NUMBER},
	        {SCALARS, "{\"a_int32\":\"\"}", "a_int32", NUMBER},
	        {SCALARS, "{\"a_int32\":\" 1\"}", "a_int32", NUMBER},
	        {SCALARS, "{\"a_int32\":1.5}", "a_int32", WHOLE},
	        {SCALARS, "{\"a_int32\":2147483648}", "a_int32", RANGE},
	        {SCALARS, "{\"a_int32\":1e400}", "a_int32", RANGE},
	        {SCALARS, "{\"a_int64\":9223372036854775808}", "a_int64", RANGE},
	        {SCALARS, "{\"a_uint32\":-1}", "a_uint32", RANGE},
	        {SCALARS, "{\"a_uint64\":18446744073709551616}", "a_uint64", RANGE},
	        {SCALARS, "{\"a_float\":1e39}", "a_float", RANGE},
	        {SCALARS, "{\"a_double\":1e309}", "a_double", RANGE},
	        {SCALARS, "{\"a_double\":{}}", "a_double", NUMBER},
	        {SCALARS, "{\"a_double\":\"inf\"}", "a_double", NUMBER},
	        {SCALARS, "{\"a_bool\":1}", "a_bool", BOOL},
	        {SCALARS, "{\"a_bool\":\"true\"}", "a_bool", BOOL},
	        {SCALARS, "{\"a_string\":1}", "a_string", STRING},
	        {SCALARS, "{\"text\":{}}", "a_string", STRING},
	        {SCALARS, "{\"a_bytes\":\"?\"}", "a_bytes", BASE64},
	        {SCALARS, "{\"a_bytes\":1}", "a_bytes", BASE64},
	        {SCALARS, "{\"a_colour\":\"COLOUR_PINK\"}", "a_colour", ENUM},
	        {SCALARS, "{\"a_colour\":\"colour_red\"}", "a_colour", ENUM},
	        {SCALARS, "{\"a_colour\":1.5}", "a_colour", ENUM},
	        {SCALARS, "{\"a_colour\":true}", "a_colour", ENUM},
	        {SCALARS, "{\"a_int32\":1,\"a_int32\":1}", "a_int32", TWICE},
	        {SCALARS, "{\"a_int32\":1,\"aInt32\":1}", "a_int32", TWICE},
	        {SCALARS, "{\"a_int32\":null,\"aInt32\":1}", "a_int32", TWICE},
	        {SCALARS, "{\"text\":\"\",\"words\":\"\"}", "a_string", TWICE},
	        {LISTS, "{\"ints\":1}", "ints", LIST},
	        {LISTS, "{\"ints\":{}}", "ints", LIST},
	        {LISTS, "{\"ints\":[1,2,\"x\"]}", "ints.2", NUMBER},
	        {LISTS, "{\"ints\":[null]}", "ints.0", NOT_NULL},
	        {LISTS, "{\"points\":[{},null]}", "points.1", NOT_NULL},
	        {LISTS, "{\"points\":[{\"lat\":\"north\"}]}", "points.0.lat", NUMBER},
	        {LISTS, "{\"points\":[[]]}", "points.0", OBJECT},
	        {LISTS, "{\"points\":[{\"lat\":1,\"lat\":2}]}", "points.0.lat", TWICE},
	        {LISTS, "{\"times\":[\"now\"]}", "times.0", TIME},
	        {MAPS, "{\"by_name\":[]}", "by_name", OBJECT},
	        {MAPS, "{\"by_name\":{\"k\":1}}", "by_name.k", STRING},
	        {MAPS, "{\"by_name\":{\"k\":null}}", "by_name.k", NOT_NULL},
	        {MAPS, "{\"by_number\":{\"x\":1}}", "by_number.x", NUMBER},
	        {MAPS, "{\"by_number\":{\"1\":\"y\"}}", "by_number.1", NUMBER},
	        {MAPS, "{\"by_answer\":{\"yes\":true}}", "by_answer.yes", BOOL},
	        {MAPS, "{\"places\":{\"a\":{\"lat\":\"?\"}}}", "places.a.lat", NUMBER},
	        {MAPS, "{\"values\":{\"-1\":1}}", "values.-1", RANGE},
	        {CHOICES, "{\"number\":1,\"text\":\"a\"}", "text", "excludes number"},
	        {CHOICES, "{\"point\":{},\"number\":1}", "number", "excludes point"},
	        {CHOICES, "{\"home\":[]}", "home", OBJECT},
	        {CHOICES, "{\"friends\":1}", "friends", OBJECT},
	        {CHOICES, "{\"friends\":[1]}", "friends.0", STRING},
	        {CHOICES, "{\"next\":{\"next\":{\"maybe_int\":{}}}}", "next.next.maybe_int",
	         NUMBER},
	        {CHOICES, "{\"nothing\":1}", "nothing", OBJECT},
	        {KNOWN, "{\"time\":\"2026-11-21\"}", "time", TIME},
	        {KNOWN, "{\"time\":\"2026-11-31T10:00:00Z\"}", "time", TIME},
	        {KNOWN, "{\"time\":1700000000}", "time", STRING},
	        {KNOWN, "{\"duration\":\"1m\"}", "duration", DURATION},
	        {KNOWN, "{\"duration\":{}}", "duration", STRING},
	        {KNOWN, "{\"mask\":\"a,,b\"}", "mask", NAMES_OF},
	        {KNOWN, "{\"mask\":\"a__b\"}", "mask", NAMES_OF},
	        {KNOWN, "{\"mask\":\"a b\"}", "mask", NAMES_OF},
	        {KNOWN, "{\"mask\":\"a_\"}", "mask", NAMES_OF},
	        {KNOWN, "{\"struct\":[]}", "struct", OBJECT},
	        {KNOWN, "{\"struct\":{\"a\":1e999}}", "struct.a", RANGE},
	        {KNOWN, "{\"list\":{}}", "list", LIST},
	        {KNOWN, "{\"boxed_long\":true}", "boxed_long", NUMBER},
	        {KNOWN, "{\"boxed_long\":{\"value\":1}}", "boxed_long", NUMBER},
	        {KNOWN, "{\"boxed_text\":1}", "boxed_text", STRING},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ProtobufCMessage *m = sample_new(&arena, cases[i].schema);

		error = (struct pbjson_error){"", ""};
		assert_status(
		        pbjson_parse(&arena, str_c(cases[i].in), cases[i].schema, m, NULL, &error),
		        CODE_INVALID_ARGUMENT);
		assert_error(cases[i].in, cases[i].field, cases[i].reason);
	}
}

TEST(parse_puts_the_field_before_the_reason_in_its_message)
{
	ProtobufCMessage *m = sample_new(&arena, SCALARS);
	status st = pbjson_parse(&arena, STR("{\"a_int32\":{}}"), SCALARS, m, NULL, &error);

	assert_string_equal(st.msg, "a_int32 must be a number");
	st = pbjson_parse(&arena, STR("[]"), SCALARS, m, NULL, &error);
	assert_string_equal(st.msg, "the body must be an object");
}

TEST(parse_shows_no_more_than_the_start_of_a_long_key)
{
	char              json[400];
	ProtobufCMessage *m = sample_new(&arena, MAPS);

	/* Characters of two bytes from an odd byte on: the cut must not split one. */
	memcpy(json, "{\"by_number\":{\"x", 16);
	for (size_t i = 0; i < 100; i++)
		memcpy(json + 16 + 2 * i, "\xc3\xa9", 2);
	memcpy(json + 216, "\":1}}", 5);
	assert_status(pbjson_parse(&arena, (str){json, 221}, MAPS, m, NULL, &error),
	              CODE_INVALID_ARGUMENT);
	assert_int_equal(strlen(error.field), strlen("by_number.") + 63);
}

TEST(parse_goes_no_deeper_than_the_scanner)
{
	char              json[33 * 8 + 33 + 1] = "";
	ProtobufCMessage *m;
	size_t            n = 0;

	for (int i = 0; i < 32; i++, n += 8)
		memcpy(json + n, "{\"next\":", 8);
	memcpy(json + n, "null", 4);
	memset(json + n + 4, '}', 32);
	m = sample_new(&arena, CHOICES);
	assert_status(pbjson_parse(&arena, (str){json, n + 36}, CHOICES, m, NULL, &error), CODE_OK);
	memcpy(json + n, "{  }", 4);
	m = sample_new(&arena, CHOICES);
	assert_status(pbjson_parse(&arena, (str){json, n + 36}, CHOICES, m, NULL, &error),
	              CODE_INVALID_ARGUMENT);
	assert_string_equal(error.reason, "is not valid JSON: nested too deeply at byte 257");
}

TEST(parse_tells_which_fields_were_named)
{
	struct pbjson_seen seen = {0};
	sample_choices    *m = (void *)sample_new(&arena, CHOICES);

	assert_status(pbjson_parse(&arena,
	                           STR("{\"maybeText\":null,\"x\":1,\"home\":{\"lat\":1},"
	                               "\"maybe_int\":0}"),
	                           CHOICES, &m->base, &seen, &error),
	              CODE_OK);
	assert_int_equal(seen.count, 3);
	assert_string_equal(seen.names[0], "maybe_text");
	assert_string_equal(seen.names[1], "home");
	assert_string_equal(seen.names[2], "maybe_int");
}

TEST(parse_tells_that_a_bare_list_names_the_field_it_stands_for)
{
	struct pbjson_seen seen = {0};

	assert_status(
	        pbjson_parse(&arena, STR("[]"), NAMES, sample_new(&arena, NAMES), &seen, &error),
	        CODE_OK);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.names[0], "names");
}

TEST(parse_leaves_what_the_path_set)
{
	sample_choices *m = (void *)sample_new(&arena, CHOICES);

	assert_status(pbjson_set_text(&arena, CHOICES, &m->base, STR("number"), STR("7"), &error),
	              CODE_OK);
	assert_status(
	        pbjson_set_text(&arena, CHOICES, &m->base, STR("maybe_int"), STR("0"), &error),
	        CODE_OK);
	assert_status(
	        pbjson_set_text(&arena, CHOICES, &m->base, STR("home.lat"), STR("1.5"), &error),
	        CODE_OK);
	assert_status(
	        pbjson_set_text(&arena, CHOICES, &m->base, STR("friends.names"), STR("a"), &error),
	        CODE_OK);
	assert_status(
	        pbjson_parse(&arena,
	                     STR("{\"number\":\"not even one\",\"maybe_int\":5,\"text\":\"x\","
	                         "\"home\":{\"lat\":9,\"lon\":2.5},\"friends\":[\"b\"],"
	                         "\"maybe_text\":\"from the body\"}"),
	                     CHOICES, &m->base, NULL, &error),
	        CODE_OK);
	assert_int_equal(m->what_case, 4);
	assert_int_equal(m->number, 7);
	assert_int_equal(m->maybe_int, 0);
	assert_true(m->home->lat == 1.5);
	assert_true(m->home->lon == 2.5);
	assert_int_equal(m->friends->n_names, 1);
	assert_string_equal(m->friends->names[0], "a");
	assert_string_equal(m->maybe_text, "from the body");
}

TEST(parse_refuses_bad_syntax_in_a_field_that_the_path_set)
{
	ProtobufCMessage *m = sample_new(&arena, INCIDENT);

	assert_status(pbjson_set_text(&arena, INCIDENT, m, STR("id"), STR("7"), &error), CODE_OK);
	assert_status(pbjson_parse(&arena, STR("{\"id\":[1,}"), INCIDENT, m, NULL, &error),
	              CODE_INVALID_ARGUMENT);
	assert_string_equal(error.field, "");
}

TEST(parse_field_reads_the_json_of_one_field)
{
	sample_lists *m = (void *)sample_new(&arena, LISTS);

	assert_status(pbjson_parse_field(&arena, STR(" [{\"lat\":1},{\"lat\":2}] "), LISTS,
	                                 &m->base, "points", &error),
	              CODE_OK);
	assert_int_equal(m->n_points, 2);
	assert_true(m->points[1]->lat == 2);
	assert_status(pbjson_parse_field(&arena, STR("null"), LISTS, &m->base, "ints", &error),
	              CODE_OK);
	assert_int_equal(m->n_ints, 0);
	assert_status(pbjson_parse_field(&arena, STR("[1,true]"), LISTS, &m->base, "ints", &error),
	              CODE_INVALID_ARGUMENT);
	assert_error("[1,true]", "ints.1", "must be a number");
	assert_status(pbjson_parse_field(&arena, STR("[1] 2"), LISTS, &m->base, "longs", &error),
	              CODE_INVALID_ARGUMENT);
	assert_error("[1] 2", "", "is not valid JSON: unexpected character at byte 5");
	assert_status(pbjson_parse_field(&arena, STR("1"), LISTS, &m->base, "nothing", &error),
	              CODE_INTERNAL);
}

TEST(parse_stops_at_the_ceiling_of_the_arena)
{
	static const struct {
		const struct pb_message *schema;
		const char              *start, *item, *end;
	} cases[] = {
	        {LISTS, "{\"ints\":[0", ",1", "]}"},
	        {LISTS, "{\"points\":[{}", ",{}", "]}"},
	        {LISTS, "{\"strings\":[\"\"", ",\"abcdefgh\"", "]}"},
	        {MAPS, "{\"by_name\":{\"\":\"\"", ",\"a\":\"b\"", "}}"},
	        {SCALARS, "{\"a_string\":\"", "abc", "\"}"},
	        {SCALARS, "{\"a_string\":\"", "\\n", "\"}"},
	        {SCALARS, "{\"a_bytes\":\"", "abcd", "\"}"},
	        {SCALARS, "{\"a_bytes\":\"", "\\u0061bcd", "\"}"},
	        {KNOWN, "{\"mask\":\"a", ",a", "\"}"},
	        {KNOWN, "{\"value\":[0", ",0", "]}"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena      small;
		struct buf        json;
		ProtobufCMessage *m;

		arena_init(&small, 4096);
		buf_init(&json, 100000);
		buf_put(&json, str_c(cases[i].start));
		for (int n = 0; n < 5000; n++)
			buf_put(&json, str_c(cases[i].item));
		buf_put(&json, str_c(cases[i].end));
		assert_status(buf_status(&json), CODE_OK);
		m = sample_new(&small, cases[i].schema);
		assert_status(
		        pbjson_parse(&small, buf_str(&json), cases[i].schema, m, NULL, &error),
		        CODE_RESOURCE_EXHAUSTED);
		buf_fini(&json);
		arena_fini(&small);
	}
}

TEST(parse_drops_repeated_keys_of_a_large_map_without_comparing_each_with_each)
{
	enum { KEYS = 100000 };
	struct arena large;
	struct buf   json;
	sample_maps *m;

	arena_init(&large, 64 << 20);
	buf_init(&json, 8 << 20);
	buf_put(&json, STR("{\"by_number\":{\"0\":0"));
	for (int i = 1; i < KEYS; i++)
		buf_printf(&json, ",\"%d\":%d", i % (KEYS / 2), i);
	buf_put(&json, STR("}}"));
	m = (void *)sample_new(&large, MAPS);
	assert_status(pbjson_parse(&large, buf_str(&json), MAPS, &m->base, NULL, &error), CODE_OK);
	assert_int_equal(m->n_by_number, KEYS / 2);
	assert_int_equal(m->by_number[0]->key, 0);
	assert_int_equal(m->by_number[0]->value, KEYS / 2);
	assert_int_equal(m->by_number[KEYS / 2 - 1]->value, KEYS - 1);
	buf_fini(&json);
	arena_fini(&large);
}

TEST_MAIN(set_up, tear_down)
