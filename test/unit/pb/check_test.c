#include "pb/message.h"

#include <string.h>

#include "google/protobuf/struct.pb-c.h"
#include "pb_sample.pb-c.h"
#include "test/support/test.h"

#define COUNT(a)   (sizeof(a) / sizeof(a)[0])
#define SAMPLE     (&canaduck__test__sample__descriptor)
#define WIRE(text) STR(text)

/* pb_check()'s word, which protobuf-c must share whenever it is OK. */
static status check(const ProtobufCMessageDescriptor *d, str wire)
{
	status            st = pb_check(d, wire);
	struct arena      a;
	ProtobufCMessage *m;

	if (st.code != CODE_OK)
		return st;
	arena_init(&a, 64 << 20);
	assert_status(pb_unpack(&a, d, wire, &m), CODE_OK);
	arena_fini(&a);
	return st;
}

struct wire_case {
	const char *what;
	str         wire;
};

static void check_all(const struct wire_case *cases, size_t n, enum code expected)
{
	for (size_t i = 0; i < n; i++)
		if (check(SAMPLE, cases[i].wire).code != expected)
			fail_msg("%s: not %s", cases[i].what, code_name(expected));
}

TEST(well_formed_messages_pass)
{
	static const struct wire_case cases[] = {
	        {"nothing", {"", 0}},
	        {"a NULL slice", {NULL, 0}},
	        {"a string", WIRE("\x0a\x02hi")},
	        {"an empty string", WIRE("\x0a\x00")},
	        {"UTF-8", WIRE("\x0a\x02\xc3\xa9")},
	        {"bytes of any kind", WIRE("\x12\x03\xff\x00\xfe")},
	        {"a varint", WIRE("\x28\x01")},
	        {"a varint of ten bytes", WIRE("\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
	        {"a varint longer than it needs", WIRE("\x28\x81\x80\x00")},
	        {"an enum value that has no name", WIRE("\x20\x63")},
	        {"32 bits", WIRE("\x5d\x01\x02\x03\x04")},
	        {"64 bits", WIRE("\x61\x01\x02\x03\x04\x05\x06\x07\x08")},
	        {"a sub-message", WIRE("\x7a\x09\x09\x00\x00\x00\x00\x00\x00\xf0\x3f")},
	        {"an empty sub-message", WIRE("\x7a\x00")},
	        {"a sub-message of a oneof twice", WIRE("\x9a\x01\x00\x9a\x01\x00")},
	        {"a field twice", WIRE("\x28\x01\x28\x02")},
	        {"a oneof that changes its mind",
	         WIRE("\x92\x01\x01w\x9a\x01\x00\xa0\x01\x01\xaa\x01"
	              "\x02zz\x92\x01\x01v")},
	        {"packed varints", WIRE("\xc2\x01\x03\x01\x80\x01")},
	        {"packed nothing", WIRE("\xc2\x01\x00")},
	        {"unpacked varints", WIRE("\xc0\x01\x01\xc0\x01\x02")},
	        {"packed and unpacked", WIRE("\xc0\x01\x01\xc2\x01\x02\x02\x03")},
	        {"packed booleans", WIRE("\xca\x01\x02\x01\x00")},
	        {"packed 32 bits", WIRE("\xd2\x01\x04\x01\x02\x03\x04")},
	        {"packed where the type says unpacked",
	         WIRE("\xfa\x01\x08\x00\x00\x00\x00\x00\x00\x00\x00")},
	        {"a map entry without a value", WIRE("\xe2\x01\x03\x0a\x01k")},
	        {"a map entry of nothing", WIRE("\xe2\x01\x00")},
	        {"unknown fields",
	         WIRE("\xf8\x3f\x01\xf9\x3f\x01\x02\x03\x04\x05\x06\x07\x08\xfa\x3f"
	              "\x02\xff\xff\xfd\x3f\x01\x02\x03\x04")},
	        {"the greatest field number", WIRE("\xf8\xff\xff\xff\x0f\x00")},
	};

	check_all(cases, COUNT(cases), CODE_OK);
}

TEST(malformed_messages_are_refused)
{
	static const struct wire_case cases[] = {
	        {"a tag alone", WIRE("\x28")},
	        {"half a tag", WIRE("\x80")},
	        {"a tag of six bytes", WIRE("\xa8\x80\x80\x80\x80\x00\x01")},
	        {"a field number of 2^29", WIRE("\x80\x80\x80\x80\x10\x00")},
	        {"field number 0", WIRE("\x00\x00")},
	        {"field number 0 with a length", WIRE("\x02\x00")},
	        {"wire type 3, a group", WIRE("\x2b\x2c")},
	        {"wire type 3 of an unknown field", WIRE("\xfb\x3f\xfc\x3f")},
	        {"wire type 4 alone", WIRE("\x2c")},
	        {"wire type 6", WIRE("\x2e\x00")},
	        {"wire type 7", WIRE("\x2f\x00")},
	        {"a varint of eleven bytes",
	         WIRE("\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
	        {"a varint without end", WIRE("\x28\xff\xff")},
	        {"32 bits cut short", WIRE("\x5d\x01\x02\x03")},
	        {"64 bits cut short", WIRE("\x61\x01\x02\x03\x04\x05\x06\x07")},
	        {"a length past the end", WIRE("\x0a\x03hi")},
	        {"a length of 2^32 - 1", WIRE("\x0a\xff\xff\xff\xff\x0fhi")},
	        {"a length of 2^35 - 1", WIRE("\x0a\xff\xff\xff\xff\x7fhi")},
	        {"a length of six bytes", WIRE("\x0a\x82\x80\x80\x80\x80\x00hi")},
	        {"an unknown field's length past the end", WIRE("\xfa\x3f\x05hi")},
	        {"text that is not UTF-8", WIRE("\x0a\x02\xc3\x28")},
	        {"text with a surrogate", WIRE("\x0a\x03\xed\xa0\x80")},
	        {"text with a NUL", WIRE("\x0a\x03h\x00i")},
	        {"text of a list with a NUL", WIRE("\xb2\x01\x01\x00")},
	        {"text of a oneof with a NUL", WIRE("\x92\x01\x01\x00")},
	        {"a map key with a NUL", WIRE("\xe2\x01\x03\x0a\x01\x00")},
	        {"a map value that is not UTF-8", WIRE("\xea\x01\x03\x12\x01\xff")},
	        {"a string as a varint", WIRE("\x08\x01")},
	        {"a number as a string", WIRE("\x2a\x01x")},
	        {"a boolean as a string", WIRE("\x1a\x01x")},
	        {"a message as a varint", WIRE("\x78\x01")},
	        {"a list of strings as varints", WIRE("\xb0\x01\x01")},
	        {"a broken sub-message", WIRE("\x7a\x01\x09")},
	        {"a sub-message that reaches past its end",
	         WIRE("\x7a\x02\x09\x00\x00\x00\x00\x00\x00\xf0\x3f")},
	        {"packed varints cut short", WIRE("\xc2\x01\x02\x01\x80")},
	        {"packed 32 bits of three bytes", WIRE("\xd2\x01\x03\x01\x02\x03")},
	        {"packed booleans beyond 1", WIRE("\xca\x01\x01\x02")},
	        {"a packed boolean of two bytes", WIRE("\xca\x01\x02\x81\x00")},
	};

	check_all(cases, COUNT(cases), CODE_INVALID_ARGUMENT);
}

/* Puts `depth` messages into each other from the inside out, each as the field of that tag. */
static str nest(struct arena *a, size_t depth, const char *const *tags, size_t n_tags)
{
	size_t   size = 8 * depth, at = size;
	uint8_t *wire = arena_alloc(a, size + 1);

	for (size_t i = 0; i < depth; i++) {
		const char *tag = tags[(depth - 1 - i) % n_tags];
		size_t      len = size - at;
		uint8_t     prefix[5];
		size_t      n = 0;

		for (; len > 0x7f; len >>= 7)
			prefix[n++] = (uint8_t)(len | 0x80);
		prefix[n++] = (uint8_t)len;
		at -= n;
		memcpy(wire + at, prefix, n);
		at -= strlen(tag);
		memcpy(wire + at, tag, strlen(tag));
	}
	return (str){(const char *)wire + at, size - at};
}

TEST(messages_nest_to_the_limit_and_no_deeper)
{
	static const char *const self[] = {"\xf2\x01"};
	struct arena             a;

	arena_init(&a, 0);
	assert_status(check(SAMPLE, nest(&a, PB_MAX_DEPTH - 1, self, 1)), CODE_OK);
	assert_status(check(SAMPLE, nest(&a, PB_MAX_DEPTH, self, 1)), CODE_INVALID_ARGUMENT);
	arena_fini(&a);
}

TEST(a_struct_nested_ten_thousand_deep_is_refused)
{
	/* Value.list_value, ListValue.values */
	static const char *const tags[] = {"\x32", "\x0a"};
	struct arena             a;

	arena_init(&a, 0);
	assert_status(check(&google__protobuf__value__descriptor, nest(&a, 20000, tags, 2)),
	              CODE_INVALID_ARGUMENT);
	assert_status(check(&google__protobuf__value__descriptor, nest(&a, 30, tags, 2)), CODE_OK);
	arena_fini(&a);
}

/* n times the bytes. */
static str repeat(struct arena *a, size_t n, str s)
{
	char *p = arena_alloc(a, n * s.len);

	for (size_t i = 0; i < n; i++)
		memcpy(p + i * s.len, s.ptr, s.len);
	return (str){p, n * s.len};
}

TEST(fields_are_counted_over_all_levels)
{
	struct arena a;
	str          many;
	struct buf   packed;

	arena_init(&a, 0);
	assert_status(check(SAMPLE, repeat(&a, PB_MAX_FIELDS, STR("\x28\x01"))), CODE_OK);
	assert_status(check(SAMPLE, repeat(&a, PB_MAX_FIELDS + 1, STR("\x28\x01"))),
	              CODE_INVALID_ARGUMENT);
	assert_status(check(SAMPLE, repeat(&a, PB_MAX_FIELDS + 1, STR("\xf8\x3f\x01"))),
	              CODE_INVALID_ARGUMENT);
	/* Each of these is two: the sub-message and its field. */
	assert_status(check(SAMPLE, repeat(&a, PB_MAX_FIELDS / 2, STR("\xba\x01\x02\x50\x01"))),
	              CODE_OK);
	assert_status(check(SAMPLE, repeat(&a, PB_MAX_FIELDS / 2 + 1, STR("\xba\x01\x02\x50\x01"))),
	              CODE_INVALID_ARGUMENT);

	many = repeat(&a, PB_MAX_FIELDS, STR("\x01"));
	buf_init(&packed, 1 << 20);
	buf_put(&packed, STR("\xc2\x01\xa0\x8d\x06")); /* 100000 items and the field itself */
	buf_put(&packed, many);
	assert_status(check(SAMPLE, buf_str(&packed)), CODE_INVALID_ARGUMENT);
	buf_fini(&packed);
	arena_fini(&a);
}

TEST_MAIN()
