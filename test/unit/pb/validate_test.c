#include "pb/validate.h"

#include <math.h>
#include <string.h>

#include "pb/message.h"
#include "test/support/test.h"
#include "test/unit/pb/sample_schema.h"

typedef Canaduck__Test__Sample sample;
typedef Canaduck__Test__Point  point;

static struct arena         arena;
static struct sample_schema schema;
static struct pb_violations found;

static sample *fresh(void)
{
	arena_fini(&arena);
	arena_init(&arena, 0);
	sample_schema_init(&schema);
	found = (struct pb_violations){.arena = &arena};
	return (sample *)pb_new(&arena, &canaduck__test__sample__descriptor);
}

/* A writable copy, as protobuf-c's members are. */
static char *text(const char *s)
{
	return arena_cstr(&arena, str_c(s));
}

static int teardown(void **state __attribute__((unused)))
{
	arena_fini(&arena);
	return 0;
}

/* What is wrong with m, one "field reason" a line; "" if nothing is. */
static const char *faults(const sample *m)
{
	const char *lines = "";
	bool        is_clean;

	found.count = 0;
	is_clean = pb_validate(&m->base, &schema.message, &found);
	assert_int_equal(is_clean, found.count == 0);
	for (unsigned i = 0; i < found.count; i++)
		lines = arena_printf(&arena, "%s%s%s %s", lines, i ? "\n" : "",
		                     found.items[i].field, found.items[i].reason);
	return lines;
}

static point *new_point(double lat, double lon)
{
	point *p = (point *)pb_new(&arena, &canaduck__test__point__descriptor);

	p->lat = lat;
	p->lon = lon;
	return p;
}

TEST(a_message_without_rules_is_clean)
{
	assert_string_equal(faults(fresh()), "");
}

TEST(a_required_field_must_be_there_and_not_empty)
{
	static const enum sample_field fields[] = {
	        SAMPLE_NAME,  SAMPLE_BLOB,   SAMPLE_FLAG,    SAMPLE_COLOR,  SAMPLE_I64,
	        SAMPLE_WIDE,  SAMPLE_POINT,  SAMPLE_AGE,     SAMPLE_NICK,   SAMPLE_PLACE,
	        SAMPLE_NAMES, SAMPLE_POINTS, SAMPLE_NUMBERS, SAMPLE_PLACES,
	};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		sample     *m = fresh();
		const char *name = schema.fields[fields[i]].name;

		schema.rules[fields[i]].is_required = true;
		assert_string_equal(faults(m), arena_printf(&arena, "%s is required", name));
	}
}

TEST(a_required_field_that_is_there_is_fine)
{
	sample *m = fresh();
	char   *names[] = {text("")};
	point  *points[] = {new_point(0, 0)};

	schema.rules[SAMPLE_NAME].is_required = true;
	schema.rules[SAMPLE_FLAG].is_required = true;
	schema.rules[SAMPLE_I64].is_required = true;
	schema.rules[SAMPLE_POINT].is_required = true;
	schema.rules[SAMPLE_AGE].is_required = true;
	schema.rules[SAMPLE_NAMES].is_required = true;
	schema.rules[SAMPLE_POINTS].is_required = true;
	m->name = text("x");
	m->flag = true;
	m->i64 = -1;
	m->point = points[0];
	m->_age_case = CANADUCK__TEST__SAMPLE___AGE_AGE; /* 0, but said */
	m->n_names = 1;
	m->names = names;
	m->n_points = 1;
	m->points = points;
	assert_string_equal(faults(m), "");
}

TEST(an_optional_text_that_is_empty_is_not_what_required_asks_for)
{
	sample *m = fresh();

	schema.rules[SAMPLE_NICK].is_required = true;
	m->_nick_case = CANADUCK__TEST__SAMPLE___NICK_NICK;
	m->nick = text("");
	assert_string_equal(faults(m), "nick is required");
}

TEST(lengths_count_characters)
{
	static const struct {
		uint32_t    min, max;
		const char *text, *faults;
	} cases[] = {
	        {8, 128, "1234567", "name must be at least 8 characters"},
	        {8, 128, "12345678", ""},
	        {8, 128, "", ""},
	        {2, 0, "\xc3\xa9", "name must be at least 2 characters"},
	        {0, 2, "\xc3\xa9\xc3\xa9", ""},
	        {0, 2, "abc", "name must be at most 2 characters"},
	        {0, 1, "abc", "name must be at most 1 character"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sample *m = fresh();

		schema.rules[SAMPLE_NAME].min_length = cases[i].min;
		schema.rules[SAMPLE_NAME].max_length = cases[i].max;
		m->name = text(cases[i].text);
		assert_string_equal(faults(m), cases[i].faults);
	}
}

TEST(lengths_of_bytes_count_bytes)
{
	sample *m = fresh();

	schema.rules[SAMPLE_BLOB].max_length = 2;
	m->blob = (ProtobufCBinaryData){3, (uint8_t *)"abc"};
	assert_string_equal(faults(m), "blob must be at most 2 bytes");
}

TEST(numbers_stay_in_their_range_and_zero_is_a_number)
{
	static const struct {
		bool        has_min, has_max;
		double      min, max;
		int64_t     value;
		const char *faults;
	} cases[] = {
	        {true, true, 1, 200, 0, "i64 must be from 1 to 200"},
	        {true, true, 1, 200, 1, ""},
	        {true, true, 1, 200, 200, ""},
	        {true, true, 1, 200, 201, "i64 must be from 1 to 200"},
	        {true, false, 1, 0, -5, "i64 must be at least 1"},
	        {false, true, 0, 7, 8, "i64 must be at most 7"},
	        {false, true, 0, 7, INT64_MIN, ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sample          *m = fresh();
		struct pb_rules *r = &schema.rules[SAMPLE_I64];

		r->has_min = cases[i].has_min;
		r->has_max = cases[i].has_max;
		r->min = cases[i].min;
		r->max = cases[i].max;
		m->i64 = cases[i].value;
		assert_string_equal(faults(m), cases[i].faults);
	}
}

TEST(every_numeric_type_has_a_range)
{
	static const enum sample_field fields[] = {
	        SAMPLE_I32, SAMPLE_S32,  SAMPLE_U32,  SAMPLE_I64,  SAMPLE_S64,   SAMPLE_U64,
	        SAMPLE_F32, SAMPLE_SF64, SAMPLE_REAL, SAMPLE_WIDE, SAMPLE_COLOR,
	};
	sample *m = fresh();

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		struct pb_rules *r = &schema.rules[fields[i]];

		r->has_min = true;
		r->min = 5;
	}
	faults(m);
	assert_int_equal(found.count, sizeof fields / sizeof fields[0]);
	m->i32 = m->s32 = 5;
	m->u32 = m->f32 = UINT32_MAX;
	m->i64 = m->s64 = m->sf64 = INT64_MAX;
	m->u64 = UINT64_MAX;
	m->real = 5.5F;
	m->wide = 5;
	m->color = (Canaduck__Test__Sample__Color)5;
	assert_string_equal(faults(m), "");
	m->i32 = -5;
	m->sf64 = -5;
	assert_string_equal(faults(m), "i32 must be at least 5\nsf64 must be at least 5");
}

TEST(a_nan_is_in_no_range)
{
	sample *m = fresh();

	m->point = new_point(NAN, INFINITY);
	assert_string_equal(faults(m), "point.lat must be from -90 to 90\n"
	                               "point.lon must be from -180 to 180");
}

TEST(an_optional_number_is_checked_when_it_is_there)
{
	sample *m = fresh();

	schema.rules[SAMPLE_AGE] = (struct pb_rules){.has_min = true, .min = 18};
	assert_string_equal(faults(m), "");
	m->_age_case = CANADUCK__TEST__SAMPLE___AGE_AGE;
	assert_string_equal(faults(m), "age must be at least 18");
	m->age = 18;
	assert_string_equal(faults(m), "");
}

TEST(a_required_number_of_zero_has_one_fault_only)
{
	sample *m = fresh();

	schema.rules[SAMPLE_I64] =
	        (struct pb_rules){.is_required = true, .has_min = true, .min = 1};
	assert_string_equal(faults(m), "i64 is required");
}

TEST(formats_name_what_is_expected)
{
	static const struct {
		enum pb_format format;
		const char    *text, *faults;
	} cases[] = {
	        {PB_FORMAT_EMAIL, "a@b.fr", ""},
	        {PB_FORMAT_EMAIL, "a", "name must be an e-mail address"},
	        {PB_FORMAT_EMAIL, "", ""},
	        {PB_FORMAT_PSEUDO, "a", "name must be 3 to 32 of a-z 0-9 _ . -"},
	        {PB_FORMAT_CHANNEL, "a b", "name must be 1 to 50 of a-z 0-9 _ -"},
	        {PB_FORMAT_PICTURE, "x",
	         "name must be an http(s) URL, or a data URI of a PNG, JPEG, GIF or WebP picture "
	         "of "
	         "up to 64 KiB"},
	        {PB_FORMAT_INCLUDE, "interactions", ""},
	        {PB_FORMAT_INCLUDE, "summary", ""},
	        {PB_FORMAT_INCLUDE, "Summary", "name must be interactions or summary"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sample *m = fresh();

		schema.rules[SAMPLE_NAME].format = cases[i].format;
		m->name = text(cases[i].text);
		assert_string_equal(faults(m), cases[i].faults);
	}
}

TEST(lists_have_their_number_of_items)
{
	int64_t numbers[] = {1, 2, 3, 4};
	sample *m = fresh();

	schema.rules[SAMPLE_NUMBERS] = (struct pb_rules){.min_items = 2, .max_items = 3};
	m->numbers = numbers;
	assert_string_equal(faults(m), "");
	m->n_numbers = 1;
	assert_string_equal(faults(m), "numbers must have at least 2 items");
	m->n_numbers = 3;
	assert_string_equal(faults(m), "");
	m->n_numbers = 4;
	assert_string_equal(faults(m), "numbers must have at most 3 items");
	schema.rules[SAMPLE_NUMBERS].max_items = 1;
	schema.rules[SAMPLE_NUMBERS].min_items = 0;
	assert_string_equal(faults(m), "numbers must have at most 1 item");
}

TEST(items_are_checked_one_by_one)
{
	sample *m = fresh();
	char   *names[] = {text("bob"), text("b"), text("")};
	int64_t numbers[] = {1, 0, 3};

	schema.rules[SAMPLE_NAMES] = (struct pb_rules){.format = PB_FORMAT_PSEUDO};
	schema.rules[SAMPLE_NUMBERS] = (struct pb_rules){.has_min = true, .min = 1};
	m->n_names = 3;
	m->names = names;
	m->n_numbers = 3;
	m->numbers = numbers;
	assert_string_equal(faults(m), "names.1 must be 3 to 32 of a-z 0-9 _ . -\n"
	                               "names.2 must be 3 to 32 of a-z 0-9 _ . -\n"
	                               "numbers.1 must be at least 1");
}

TEST(nested_fields_go_by_their_path)
{
	sample                             *m = fresh(), *inner;
	point                              *points[] = {new_point(0, 0), new_point(91, 0)};
	Canaduck__Test__Sample__PlacesEntry named, empty, *entries[] = {&named, &empty};

	canaduck__test__sample__places_entry__init(&named);
	canaduck__test__sample__places_entry__init(&empty); /* no value on the wire: NULL */
	named.key = text("home");
	named.value = new_point(0, 181);
	inner = (sample *)pb_new(&arena, &canaduck__test__sample__descriptor);
	inner->choice_case = CANADUCK__TEST__SAMPLE__CHOICE_PLACE;
	inner->place = new_point(-91, 0);
	m->n_points = 2;
	m->points = points;
	m->n_places = 2;
	m->places = entries;
	m->self = inner;
	assert_string_equal(faults(m), "points.1.lat must be from -90 to 90\n"
	                               "places.home.lon must be from -180 to 180\n"
	                               "self.place.lat must be from -90 to 90");
}

TEST(an_inline_list_goes_by_the_name_of_its_message)
{
	sample *m = fresh();
	int64_t numbers[] = {1, 0};

	schema.rules[SAMPLE_NUMBERS] =
	        (struct pb_rules){.is_inline = true, .has_min = true, .min = 1};
	m->self = (sample *)pb_new(&arena, &canaduck__test__sample__descriptor);
	m->self->n_numbers = 2;
	m->self->numbers = numbers;
	assert_string_equal(faults(m), "self.1 must be at least 1");
	schema.rules[SAMPLE_NUMBERS].max_items = 1;
	assert_string_equal(faults(m), "self must have at most 1 item");
}

TEST(well_known_types_are_not_looked_into)
{
	sample *m = fresh();

	m->point = new_point(91, 0);
	schema.message.well_known = PB_STRUCT;
	assert_string_equal(faults(m), "");
}

TEST(the_list_of_faults_is_bounded)
{
	int64_t numbers[PB_MAX_VIOLATIONS + 10] = {0};
	sample *m = fresh();

	schema.rules[SAMPLE_NUMBERS] = (struct pb_rules){.has_min = true, .min = 1};
	m->n_numbers = PB_MAX_VIOLATIONS + 10;
	m->numbers = numbers;
	assert_false(pb_validate(&m->base, &schema.message, &found));
	assert_int_equal(found.count, PB_MAX_VIOLATIONS);
	assert_string_equal(found.items[PB_MAX_VIOLATIONS - 1].field, "numbers.49");
	/* A list that was full before does not hide that something is wrong. */
	assert_false(pb_validate(&m->base, &schema.message, &found));
	pb_violations_add(&found, "x", "y");
	assert_int_equal(found.count, PB_MAX_VIOLATIONS);
}

TEST(a_fault_added_by_hand_is_copied)
{
	char field[] = "email", reason[] = "is taken";

	fresh();
	pb_violations_add(&found, field, reason);
	field[0] = reason[0] = '?';
	assert_string_equal(found.items[0].field, "email");
	assert_string_equal(found.items[0].reason, "is taken");
}

TEST_MAIN(NULL, teardown)
