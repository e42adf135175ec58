#include "pb/message.h"

#include <string.h>

#include "test/support/test.h"
#include "test/unit/pb/sample_schema.h"

#define SAMPLE (&canaduck__test__sample__descriptor)

typedef Canaduck__Test__Sample sample;

static struct arena arena;

static int setup(void **state __attribute__((unused)))
{
	arena_init(&arena, 16 << 20);
	return 0;
}

static int teardown(void **state __attribute__((unused)))
{
	arena_fini(&arena);
	return 0;
}

/* A writable copy, as protobuf-c's members are. */
static char *text(const char *s)
{
	return arena_cstr(&arena, str_c(s));
}

static sample *unpack(str wire)
{
	ProtobufCMessage *m;

	assert_status(pb_unpack(&arena, SAMPLE, wire, &m), CODE_OK);
	return (sample *)m;
}

TEST(a_message_survives_packing_and_unpacking)
{
	sample               *m = (sample *)pb_new(&arena, SAMPLE);
	Canaduck__Test__Point point, *points[] = {&point, &point};
	char                 *names[] = {text("a"), text(""), text("\xc3\xa9")};
	int64_t               numbers[] = {0, -1, INT64_MAX};
	struct buf            wire;
	sample               *back;

	canaduck__test__point__init(&point);
	point.lat = 48.5;
	m->name = text("roger");
	m->i32 = -7;
	m->wide = -0.5;
	m->_age_case = CANADUCK__TEST__SAMPLE___AGE_AGE;
	m->age = 0;
	m->n_points = 2;
	m->points = points;
	m->n_names = 3;
	m->names = names;
	m->n_numbers = 3;
	m->numbers = numbers;
	buf_init(&wire, 1024);
	assert_status(pb_pack(&m->base, &wire), CODE_OK);
	back = unpack(buf_str(&wire));
	assert_string_equal(back->name, "roger");
	assert_int_equal(back->i32, -7);
	assert_true(back->wide == -0.5);
	assert_int_equal(back->_age_case, CANADUCK__TEST__SAMPLE___AGE_AGE);
	assert_int_equal(back->n_points, 2);
	assert_true(back->points[1]->lat == 48.5);
	assert_int_equal(back->n_names, 3);
	assert_string_equal(back->names[2], names[2]);
	assert_int_equal(back->n_numbers, 3);
	assert_memory_equal(back->numbers, numbers, sizeof numbers);
	buf_fini(&wire);
}

TEST(an_empty_message_packs_to_nothing)
{
	struct buf wire;

	buf_init(&wire, 16);
	assert_status(pb_pack(pb_new(&arena, SAMPLE), &wire), CODE_OK);
	assert_int_equal(wire.len, 0);
	buf_fini(&wire);
}

TEST(packing_appends_and_stops_at_the_ceiling)
{
	sample    *m = (sample *)pb_new(&arena, SAMPLE);
	struct buf wire;

	m->name = text("0123456789");
	buf_init(&wire, 16);
	buf_put(&wire, STR("head"));
	assert_status(pb_pack(&m->base, &wire), CODE_OK);
	assert_str(buf_str(&wire), "head\x0a\x0a"
	                           "0123456789");
	assert_status(pb_pack(&m->base, &wire), CODE_RESOURCE_EXHAUSTED);
	buf_fini(&wire);
}

TEST(what_the_check_refuses_is_not_unpacked)
{
	ProtobufCMessage *m = NULL;

	assert_status(pb_unpack(&arena, SAMPLE, STR("\x0a\x01\xff"), &m), CODE_INVALID_ARGUMENT);
	assert_null(m);
}

/* With every ceiling from nothing to enough, unpacking fails cleanly or succeeds. */
TEST(the_arenas_ceiling_holds_wherever_it_strikes)
{
	static const str wires[] = {
	        STR("\x0a\x02hi\xba\x01\x09\x09\x00\x00\x00\x00\x00\x00\xf0\x3f\xb2\x01\x01"
	            "a\xf8\x3f\x01\xda\x01\x03xyz"),
	        STR("\x9a\x01\x00\xaa\x01\x02zz\x92\x01\x01v"), /* oneof */
	        /* nested, with a map */
	        STR("\xf2\x01\x0f\xba\x01\x00\xb2\x01\x01x\xe2\x01\x05\x0a\x01k\x12\x00"),
	};
	size_t n_failed = 0;

	for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++) {
		enum code code = CODE_RESOURCE_EXHAUSTED;

		for (size_t ceiling = 0; code != CODE_OK; ceiling += 16) {
			struct arena      a;
			ProtobufCMessage *m;

			assert_true(ceiling < 65536);
			arena_init(&a, ceiling);
			code = pb_unpack(&a, SAMPLE, wires[i], &m).code;
			if (code != CODE_OK)
				assert_int_equal(code, CODE_RESOURCE_EXHAUSTED);
			n_failed += code != CODE_OK;
			arena_fini(&a);
		}
	}
	assert_true(n_failed > 100);
}

TEST(a_sub_message_of_a_oneof_given_twice_is_replaced)
{
	sample *m = unpack(STR("\x9a\x01\x09\x09\x00\x00\x00\x00\x00\x00\xf0\x3f"
	                       "\x9a\x01\x09\x11\x00\x00\x00\x00\x00\x00\x00\x40"));

	assert_true(m->place->lat == 0.0);
	assert_true(m->place->lon == 2.0);
}

TEST(presence_is_known_for_every_kind_of_field)
{
	static const struct {
		enum sample_field field;
		str               wire;
		bool              is_set;
	} cases[] = {
	        {SAMPLE_NAME, STR("\x0a\x01x"), true},
	        {SAMPLE_NAME, STR("\x0a\x00"), false},
	        {SAMPLE_BLOB, STR("\x12\x01\x00"), true},
	        {SAMPLE_BLOB, STR("\x12\x00"), false},
	        {SAMPLE_FLAG, STR("\x18\x01"), true},
	        {SAMPLE_FLAG, STR("\x18\x00"), false},
	        {SAMPLE_COLOR, STR("\x20\x01"), true},
	        {SAMPLE_COLOR, STR("\x20\x00"), false},
	        {SAMPLE_I32, STR("\x28\x01"), true},
	        {SAMPLE_S32, STR("\x30\x01"), true},
	        {SAMPLE_U32, STR("\x38\x01"), true},
	        {SAMPLE_I64, STR("\x40\x80\x80\x80\x80\x10"), true}, /* nothing in the low half */
	        {SAMPLE_I64, STR("\x40\x00"), false},
	        {SAMPLE_S64, STR("\x48\x01"), true},
	        {SAMPLE_U64, STR("\x50\x01"), true},
	        {SAMPLE_F32, STR("\x5d\x00\x00\x00\x01"), true},
	        {SAMPLE_SF64, STR("\x61\x00\x00\x00\x00\x00\x00\x00\x01"), true},
	        {SAMPLE_REAL, STR("\x6d\x00\x00\x80\x3f"), true},
	        {SAMPLE_WIDE, STR("\x71\x00\x00\x00\x00\x00\x00\xf0\x3f"), true},
	        {SAMPLE_POINT, STR("\x7a\x00"), true},
	        {SAMPLE_AGE, STR("\x80\x01\x00"), true},
	        {SAMPLE_NICK, STR("\x8a\x01\x00"), true},
	        {SAMPLE_WORD, STR("\x92\x01\x00"), true},
	        {SAMPLE_PLACE, STR("\x92\x01\x00"), false},
	        {SAMPLE_PLACE, STR("\x9a\x01\x00"), true},
	        {SAMPLE_WORD, STR("\x92\x01\x01w\xa0\x01\x00"), false},
	        {SAMPLE_YES, STR("\x92\x01\x01w\xa0\x01\x00"), true},
	        {SAMPLE_RAW, STR("\xaa\x01\x00"), true},
	        {SAMPLE_NAMES, STR("\xb2\x01\x00"), true},
	        {SAMPLE_NUMBERS, STR("\xc2\x01\x00"), false},
	        {SAMPLE_NUMBERS, STR("\xc2\x01\x01\x00"), true},
	        {SAMPLE_PLACES, STR("\xe2\x01\x00"), true},
	        {SAMPLE_SELF, STR("\xf2\x01\x00"), true},
	};
	struct sample_schema schema;

	sample_schema_init(&schema);
	for (unsigned i = 0; i < SAMPLE_FIELDS; i++)
		assert_false(pb_is_set(pb_new(&arena, SAMPLE), &schema.message, i));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (pb_is_set(&unpack(cases[i].wire)->base, &schema.message, cases[i].field) !=
		    cases[i].is_set)
			fail_msg("case %zu: %s", i, SAMPLE->fields[cases[i].field].name);
}

TEST_MAIN(setup, teardown)
