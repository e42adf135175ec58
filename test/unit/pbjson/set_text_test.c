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

TEST(set_text_reads_every_kind_of_value_from_text)
{
	static const struct {
		const struct pb_message *schema;
		const char              *path, *text, *out;
	} cases[] = {
	        {SCALARS, "a_int32", "-5", "{\"aInt32\":-5}"},
	        {SCALARS, "aInt64", "9007199254740993", "{\"aInt64\":\"9007199254740993\"}"},
	        {SCALARS, "a_uint64", "18446744073709551615",
	         "{\"aUint64\":\"18446744073709551615\"}"},
	        {SCALARS, "a_double", "48.5", "{\"aDouble\":48.5}"},
	        {SCALARS, "a_bool", "true", "{\"aBool\":true}"},
	        {SCALARS, "a_string", "\"as it is\" \\n",
	         "{\"aString\":\"\\\"as it is\\\" \\\\n\"}"},
	        {SCALARS, "words", "by alias", "{\"aString\":\"by alias\"}"},
	        {SCALARS, "a_bytes", "Zg", "{\"aBytes\":\"Zg==\"}"},
	        {SCALARS, "a_colour", "COLOUR_RED", "{\"aColour\":\"COLOUR_RED\"}"},
	        {SCALARS, "a_colour", "-1", "{\"aColour\":\"COLOUR_DARK\"}"},
	        {LISTS, "ints", "1", "{\"ints\":[1]}"},
	        {LISTS, "times", "2026-11-21T10:00:00Z", "{\"times\":[\"2026-11-21T10:00:00Z\"]}"},
	        {CHOICES, "maybe_int", "0", "{\"maybeInt\":0}"},
	        {CHOICES, "number", "0", "{\"number\":\"0\"}"},
	        {CHOICES, "home.lat", "1.5", "{\"home\":{\"lat\":1.5}}"},
	        {CHOICES, "next.next.point.lon", "2",
	         "{\"next\":{\"next\":{\"point\":{\"lon\":2}}}}"},
	        {CHOICES, "friends.names", "a", "{\"friends\":{\"names\":[\"a\"]}}"},
	        {KNOWN, "time", "2026-11-21T10:00:00Z", "{\"time\":\"2026-11-21T10:00:00Z\"}"},
	        {KNOWN, "duration", "1.5s", "{\"duration\":\"1.500s\"}"},
	        {KNOWN, "mask", "a,b_c", "{\"mask\":\"a,bC\"}"},
	        {KNOWN, "boxed_long", "5", "{\"boxedLong\":\"5\"}"},
	        {KNOWN, "boxed_text", "", "{\"boxedText\":\"\"}"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pbjson_error error = {"", ""};
		ProtobufCMessage   *m = sample_new(&arena, cases[i].schema);

		assert_status(pbjson_set_text(&arena, cases[i].schema, m, str_c(cases[i].path),
		                              str_c(cases[i].text), &error),
		              CODE_OK);
		buf_reset(&out);
		assert_status(pbjson_print(&out, m, cases[i].schema, &pbjson_canonical), CODE_OK);
		assert_str(buf_str(&out), cases[i].out);
	}
}

TEST(set_text_finds_no_field_and_leaves_no_trace)
{
	static const struct {
		const struct pb_message *schema;
		const char              *path;
	} cases[] = {
	        {CHOICES, "nothing_like_it"},
	        {CHOICES, ""},
	        {CHOICES, "."},
	        {CHOICES, "home"},
	        {CHOICES, "home."},
	        {CHOICES, ".lat"},
	        {CHOICES, "home.height"},
	        {CHOICES, "home.lat.x"},
	        {CHOICES, "maybe_int.x"},
	        {CHOICES, "next.next.x"},
	        {CHOICES, "circles.names"},
	        {CHOICES, "next"},
	        {MAPS, "by_name"},
	        {MAPS, "by_name.key"},
	        {MAPS, "places.value.lat"},
	        {KNOWN, "time.seconds"},
	        {KNOWN, "struct"},
	        {KNOWN, "value"},
	        {KNOWN, "list"},
	        {KNOWN, "boxed_long.value"},
	        {KNOWN, "empty"},
	        {LISTS, "points"},
	        {LISTS, "points.lat"},
	        {LISTS, "ints.0"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pbjson_error error = {"", ""};
		ProtobufCMessage   *m = sample_new(&arena, cases[i].schema);

		assert_status(pbjson_set_text(&arena, cases[i].schema, m, str_c(cases[i].path),
		                              STR("1"), &error),
		              CODE_NOT_FOUND);
		buf_reset(&out);
		assert_status(pbjson_print(&out, m, cases[i].schema, &pbjson_canonical), CODE_OK);
		assert_str(buf_str(&out), "{}");
	}
}

TEST(set_text_follows_a_message_into_itself_only_so_far)
{
	struct pbjson_error error = {"", ""};
	struct buf          path;

	buf_init(&path, 1 << 20);
	for (int i = 0; i < 31; i++)
		buf_put(&path, STR("next."));
	buf_put(&path, STR("maybe_int"));
	assert_status(pbjson_set_text(&arena, CHOICES, sample_new(&arena, CHOICES), buf_str(&path),
	                              STR("1"), &error),
	              CODE_OK);
	buf_reset(&path);
	for (int i = 0; i < 32; i++)
		buf_put(&path, STR("next."));
	buf_put(&path, STR("maybe_int"));
	assert_status(pbjson_set_text(&arena, CHOICES, sample_new(&arena, CHOICES), buf_str(&path),
	                              STR("1"), &error),
	              CODE_NOT_FOUND);
	buf_fini(&path);
}

TEST(set_text_says_why_text_does_not_fit)
{
	static const struct {
		const struct pb_message *schema;
		const char              *path, *text, *field, *reason;
	} cases[] = {
	        {SCALARS, "a_int32", "", "a_int32", "must be a number"},
	        {SCALARS, "aInt32", "abc", "a_int32", "must be a number"},
	        {SCALARS, "a_int32", "1.5", "a_int32", "must be a whole number"},
	        {SCALARS, "a_int32", "2147483648", "a_int32", "is out of range"},
	        {SCALARS, "a_bool", "1", "a_bool", "must be true or false"},
	        {SCALARS, "a_bool", "TRUE", "a_bool", "must be true or false"},
	        {SCALARS, "a_string", "\xff", "a_string", "must be UTF-8 without NUL"},
	        {SCALARS, "a_colour", "RED", "a_colour", "is not one of the known values"},
	        {LISTS, "ints", "1,2", "ints", "must be a number"},
	        {CHOICES, "home.lat", "north", "home.lat", "must be a number"},
	        {KNOWN, "time", "now", "time", "must be a time such as 2026-11-21T10:00:00Z"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pbjson_error error = {"", ""};
		ProtobufCMessage   *m = sample_new(&arena, cases[i].schema);

		assert_status(pbjson_set_text(&arena, cases[i].schema, m, str_c(cases[i].path),
		                              str_c(cases[i].text), &error),
		              CODE_INVALID_ARGUMENT);
		assert_string_equal(error.field, cases[i].field);
		assert_string_equal(error.reason, cases[i].reason);
	}
}

TEST(set_text_refuses_a_nul)
{
	struct pbjson_error error = {"", ""};

	assert_status(pbjson_set_text(&arena, SCALARS, sample_new(&arena, SCALARS), STR("a_string"),
	                              STR("a\0b"), &error),
	              CODE_INVALID_ARGUMENT);
}

TEST(set_text_sets_a_singular_field_once_and_a_list_again_and_again)
{
	struct pbjson_error error = {"", ""};
	sample_lists       *lists = (void *)sample_new(&arena, LISTS);
	sample_choices     *choices = (void *)sample_new(&arena, CHOICES);

	for (int i = 0; i < 100; i++)
		assert_status(pbjson_set_text(&arena, LISTS, &lists->base, STR("strings"), STR("x"),
		                              &error),
		              CODE_OK);
	assert_int_equal(lists->n_strings, 100);
	assert_status(
	        pbjson_set_text(&arena, CHOICES, &choices->base, STR("number"), STR("0"), &error),
	        CODE_OK);
	assert_status(
	        pbjson_set_text(&arena, CHOICES, &choices->base, STR("number"), STR("1"), &error),
	        CODE_INVALID_ARGUMENT);
	assert_string_equal(error.reason, "is given twice");
	assert_status(
	        pbjson_set_text(&arena, CHOICES, &choices->base, STR("text"), STR("1"), &error),
	        CODE_INVALID_ARGUMENT);
	assert_status(pbjson_set_text(&arena, CHOICES, &choices->base, STR("point.lat"), STR("1"),
	                              &error),
	              CODE_INVALID_ARGUMENT);
	assert_int_equal(choices->number, 0);
	assert_int_equal(choices->what_case, 4);
}

TEST_MAIN(set_up, tear_down)
