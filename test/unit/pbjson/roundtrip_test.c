/*
 * JSON in, and what the two ways of writing make of it. What the canonical form says is read and
 * written once more: it must not change.
 */
#include "test/unit/pbjson/sample.h"

#include "test/support/test.h"

#define ZERO_SCALARS                                                                               \
	"\"a_int32\":0,\"a_int64\":0,\"a_uint32\":0,\"a_uint64\":0,\"a_sint32\":0,\"a_sint64\":0," \
	"\"a_fixed32\":0,\"a_fixed64\":0,\"a_sfixed32\":0,\"a_sfixed64\":0,\"a_float\":0,"         \
	"\"a_double\":0,\"a_bool\":false,\"a_string\":\"\",\"a_bytes\":\"\","                      \
	"\"a_colour\":\"COLOUR_UNSPECIFIED\""

#define ZERO_MAPS(before, after)                                                                   \
	"{" before                                                                                 \
	"\"by_number\":{},\"by_answer\":{},\"places\":{},\"reactions\":{},\"values\":{" after "}}"

struct roundtrip {
	const struct pb_message *schema;
	const char              *in, *canonical, *public; /* public NULL: not of interest here */
};

static const struct roundtrip cases[] = {
        /* Scalars */
        {SCALARS, "{}", "{}", "{" ZERO_SCALARS "}"},
        {SCALARS, " { \"aInt32\" : -5 } ", "{\"aInt32\":-5}", NULL},
        {SCALARS, "{\"a_int32\":\"12\"}", "{\"aInt32\":12}", NULL},
        {SCALARS, "{\"a_int32\":1e3}", "{\"aInt32\":1000}", NULL},
        {SCALARS, "{\"a_int32\":2147483647,\"a_sint32\":-2147483648,\"a_sfixed32\":1.0}",
         "{\"aInt32\":2147483647,\"aSint32\":-2147483648,\"aSfixed32\":1}", NULL},
        {SCALARS, "{\"a_int64\":9007199254740993}", "{\"aInt64\":\"9007199254740993\"}", NULL},
        {SCALARS, "{\"a_int64\":\"9223372036854775807\",\"a_sint64\":-9223372036854775808}",
         "{\"aInt64\":\"9223372036854775807\",\"aSint64\":\"-9223372036854775808\"}", NULL},
        {SCALARS, "{\"a_uint32\":4294967295,\"a_fixed32\":\"1\"}",
         "{\"aUint32\":4294967295,\"aFixed32\":1}", NULL},
        {SCALARS, "{\"a_uint64\":18446744073709551615,\"a_fixed64\":\"2\",\"a_sfixed64\":-3}",
         "{\"aUint64\":\"18446744073709551615\",\"aFixed64\":\"2\",\"aSfixed64\":\"-3\"}", NULL},
        {SCALARS, "{\"a_float\":0.1,\"a_double\":48.8566}", "{\"aFloat\":0.1,\"aDouble\":48.8566}",
         NULL},
        {SCALARS, "{\"a_float\":\"Infinity\",\"a_double\":\"NaN\"}",
         "{\"aFloat\":\"Infinity\",\"aDouble\":\"NaN\"}", NULL},
        {SCALARS, "{\"a_double\":\"-2.5e-3\"}", "{\"aDouble\":-0.0025}", NULL},
        {SCALARS, "{\"a_bool\":true}", "{\"aBool\":true}", NULL},
        {SCALARS, "{\"a_bool\":false}", "{}", NULL},
        {SCALARS, "{\"a_string\":\"d\\u00e9j\xc3\xa0 \\ud83e\\udd86 \\\"\\\\\\/\\n\\u0001\"}",
         "{\"aString\":\"d\xc3\xa9j\xc3\xa0 \xf0\x9f\xa6\x86 \\\"\\\\/\\n\\u0001\"}", NULL},
        {SCALARS, "{\"text\":\"by alias\"}", "{\"aString\":\"by alias\"}", NULL},
        {SCALARS, "{\"words\":\"by alias\"}", "{\"aString\":\"by alias\"}", NULL},
        {SCALARS, "{\"\\u0061_string\":\"name with an escape\"}",
         "{\"aString\":\"name with an escape\"}", NULL},
        {SCALARS, "{\"a_bytes\":\"-_8\"}", "{\"aBytes\":\"+/8=\"}", NULL},
        {SCALARS, "{\"a_colour\":\"COLOUR_RED\"}", "{\"aColour\":\"COLOUR_RED\"}", NULL},
        {SCALARS, "{\"a_colour\":-1}", "{\"aColour\":\"COLOUR_DARK\"}", NULL},
        {SCALARS, "{\"a_colour\":99}", "{\"aColour\":99}", NULL},
        {SCALARS, "{\"a_int32\":null,\"a_string\":null,\"a_colour\":null}", "{}", NULL},
        {SCALARS, "{\"x\":1,\"y\":{\"z\":[1,{}]},\"a_int32\":1,\"A_INT32\":2,\"\":3}",
         "{\"aInt32\":1}", NULL},
        /* Lists */
        {LISTS, "{\"ints\":[],\"points\":null}", "{}",
         "{\"ints\":[],\"longs\":[],\"doubles\":[],\"bools\":[],\"strings\":[],\"blobs\":[],"
         "\"colours\":[],\"points\":[],\"times\":[],\"values\":[]}"},
        {LISTS, "{\"ints\":[1,\"2\",3,4,5,6,7,8,9]}", "{\"ints\":[1,2,3,4,5,6,7,8,9]}", NULL},
        {LISTS, "{\"longs\":[1,2],\"doubles\":[1,1.5],\"bools\":[true,false,true,true,false]}",
         "{\"longs\":[\"1\",\"2\"],\"doubles\":[1,1.5],\"bools\":[true,false,true,true,false]}",
         NULL},
        {LISTS,
         "{\"strings\":[\"a\",\"\"],\"blobs\":[\"Zg==\",\"\"],\"colours\":[1,\"COLOUR_DARK\"]}",
         "{\"strings\":[\"a\",\"\"],\"blobs\":[\"Zg==\",\"\"],\"colours\":[\"COLOUR_RED\",\"COLOUR_"
         "DARK\"]}",
         NULL},
        {LISTS, "{\"points\":[{\"lat\":1},{}],\"times\":[\"2026-11-21T10:00:00Z\"]}",
         "{\"points\":[{\"lat\":1},{}],\"times\":[\"2026-11-21T10:00:00Z\"]}", NULL},
        {LISTS, "{\"values\":[null,1,\"a\",[null],{\"k\":null}]}",
         "{\"values\":[null,1,\"a\",[null],{\"k\":null}]}", NULL},
        /* Maps */
        {MAPS, "{\"by_name\":{\"b\":\"1\",\"a\":\"2\",\"\":\"3\"}}",
         "{\"byName\":{\"b\":\"1\",\"a\":\"2\",\"\":\"3\"}}",
         ZERO_MAPS("\"by_name\":{\"b\":\"1\",\"a\":\"2\",\"\":\"3\"},", "")},
        {MAPS, "{\"by_name\":{\"a\":\"1\",\"b\":\"2\",\"\\u0061\":\"3\",\"a\":\"4\"}}",
         "{\"byName\":{\"b\":\"2\",\"a\":\"4\"}}", NULL},
        {MAPS, "{\"by_number\":{\"-5\":1,\"1e1\":2,\"10\":3}}",
         "{\"byNumber\":{\"-5\":1,\"10\":3}}", NULL},
        {MAPS, "{\"by_answer\":{\"true\":false,\"false\":true}}",
         "{\"byAnswer\":{\"true\":false,\"false\":true}}", NULL},
        {MAPS, "{\"places\":{\"x\":{\"lat\":1.5}}}", "{\"places\":{\"x\":{\"lat\":1.5}}}", NULL},
        {MAPS, "{\"reactions\":{\"\xf0\x9f\xa6\x86\":[\"a\",\"b\"]}}",
         "{\"reactions\":{\"\xf0\x9f\xa6\x86\":{\"names\":[\"a\",\"b\"]}}}",
         "{\"by_name\":{},\"by_number\":{},\"by_answer\":{},\"places\":{},"
         "\"reactions\":{\"\xf0\x9f\xa6\x86\":[\"a\",\"b\"]},\"values\":{}}"},
        {MAPS, "{\"values\":{\"7\":null,\"8\":[1]}}", "{\"values\":{\"7\":null,\"8\":[1]}}", NULL},
        /* Presence */
        {CHOICES, "{}", "{}", "{\"circles\":[]}"},
        {CHOICES, "{\"maybe_int\":0,\"maybe_text\":\"\",\"maybe_bool\":false}",
         "{\"maybeInt\":0,\"maybeText\":\"\",\"maybeBool\":false}",
         "{\"maybe_int\":0,\"maybe_text\":\"\",\"maybe_bool\":false,\"circles\":[]}"},
        {CHOICES, "{\"maybe_int\":null,\"number\":null,\"text\":\"\",\"point\":null}",
         "{\"text\":\"\"}", "{\"text\":\"\",\"circles\":[]}"},
        {CHOICES, "{\"number\":0}", "{\"number\":\"0\"}", "{\"number\":0,\"circles\":[]}"},
        {CHOICES, "{\"point\":{}}", "{\"point\":{}}",
         "{\"point\":{\"lat\":0,\"lon\":0},\"circles\":[]}"},
        {CHOICES, "{\"nothing\":{\"x\":1}}", "{\"nothing\":{}}", "{\"nothing\":{},\"circles\":[]}"},
        {LISTS, "{\"doubles\":[-0.0]}", "{\"doubles\":[-0]}", NULL},
        {CHOICES, "{\"friends\":[\"a\"]}", "{\"friends\":{\"names\":[\"a\"]}}",
         "{\"friends\":[\"a\"],\"circles\":[]}"},
        {CHOICES, "{\"friends\":{\"names\":[\"a\"]}}", "{\"friends\":{\"names\":[\"a\"]}}",
         "{\"friends\":[\"a\"],\"circles\":[]}"},
        {CHOICES, "{\"friends\":[],\"circles\":[[],[\"a\"]]}",
         "{\"friends\":{},\"circles\":[{},{\"names\":[\"a\"]}]}",
         "{\"friends\":[],\"circles\":[[],[\"a\"]]}"},
        {CHOICES, "{\"next\":{\"next\":{\"next\":{}}}}", "{\"next\":{\"next\":{\"next\":{}}}}",
         NULL},
        {NAMES, "[\"a\",\"b\"]", "{\"names\":[\"a\",\"b\"]}", "[\"a\",\"b\"]"},
        {NAMES, "{}", "{}", "[]"},
        /* Well-known types */
        {KNOWN, "{\"time\":\"2026-11-21T11:00:00.25+01:00\"}",
         "{\"time\":\"2026-11-21T10:00:00.250Z\"}", "{\"time\":\"2026-11-21T10:00:00.250Z\"}"},
        {KNOWN, "{\"duration\":\"-1.5s\"}", "{\"duration\":\"-1.500s\"}", NULL},
        {KNOWN, "{\"mask\":\"homeAddress.lineOne,id,last_name\"}",
         "{\"mask\":\"homeAddress.lineOne,id,lastName\"}",
         "{\"mask\":\"home_address.line_one,id,last_name\"}"},
        {KNOWN, "{\"mask\":\"\"}", "{\"mask\":\"\"}", NULL},
        {KNOWN, "{\"struct\":{\"a\":1,\"b\":[true,{\"c\":null}],\"a\":\"again\"}}",
         "{\"struct\":{\"b\":[true,{\"c\":null}],\"a\":\"again\"}}", NULL},
        {KNOWN, "{\"value\":null}", "{\"value\":null}", "{\"value\":null}"},
        {KNOWN, "{\"value\":0}", "{\"value\":0}", NULL},
        {KNOWN, "{\"value\":{}}", "{\"value\":{}}", NULL},
        {KNOWN, "{\"value\":\"\"}", "{\"value\":\"\"}", NULL},
        {KNOWN, "{\"list\":[1,[2],{}]}", "{\"list\":[1,[2],{}]}", NULL},
        {KNOWN,
         "{\"boxed_long\":\"5\",\"boxed_text\":\"\",\"boxed_bool\":false,\"boxed_double\":1.5,"
         "\"boxed_bytes\":\"Zg\"}",
         "{\"boxedLong\":\"5\",\"boxedText\":\"\",\"boxedBool\":false,\"boxedDouble\":1.5,"
         "\"boxedBytes\":\"Zg==\"}",
         "{\"boxed_long\":5,\"boxed_text\":\"\",\"boxed_bool\":false,\"boxed_double\":1.5,"
         "\"boxed_bytes\":\"Zg==\"}"},
        {KNOWN, "{\"boxed_long\":null,\"time\":null,\"struct\":null,\"list\":null}", "{}", "{}"},
        {KNOWN, "{\"empty\":{}}", "{\"empty\":{}}", "{\"empty\":{}}"},
};

static void print(struct buf *out, const ProtobufCMessage *m, const struct pb_message *schema,
                  const struct pbjson_options *options)
{
	buf_reset(out);
	assert_status(pbjson_print(out, m, schema, options), CODE_OK);
}

static ProtobufCMessage *parse(struct arena *a, str json, const struct pb_message *schema)
{
	struct pbjson_error error = {"", ""};
	ProtobufCMessage   *m = sample_new(a, schema);
	status              st = pbjson_parse(a, json, schema, m, NULL, &error);

	if (st.code != CODE_OK)
		print_error("%.*s: %s %s\n", STR_ARG(json), error.field, error.reason);
	assert_status(st, CODE_OK);
	return m;
}

TEST(what_is_read_is_written_in_both_ways)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct roundtrip *c = &cases[i];
		struct arena            a;
		struct buf              out;
		ProtobufCMessage       *m;

		arena_init(&a, SAMPLE_ARENA_BYTES);
		buf_init(&out, SAMPLE_ARENA_BYTES);
		m = parse(&a, str_c(c->in), c->schema);
		if (c->public) {
			print(&out, m, c->schema, &pbjson_public);
			assert_str(buf_str(&out), c->public);
		}
		print(&out, m, c->schema, &pbjson_canonical);
		assert_str(buf_str(&out), c->canonical);
		m = parse(&a, buf_str(&out), c->schema);
		print(&out, m, c->schema, &pbjson_canonical);
		assert_str(buf_str(&out), c->canonical);
		buf_fini(&out);
		arena_fini(&a);
	}
}

TEST(a_message_that_was_read_survives_the_wire)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct roundtrip *c = &cases[i];
		struct arena            a;
		struct buf              out;
		ProtobufCMessage       *m, *again;
		uint8_t                *wire;
		size_t                  n;

		arena_init(&a, SAMPLE_ARENA_BYTES);
		buf_init(&out, SAMPLE_ARENA_BYTES);
		m = parse(&a, str_c(c->in), c->schema);
		n = protobuf_c_message_get_packed_size(m);
		wire = arena_alloc(&a, n);
		protobuf_c_message_pack(m, wire);
		again = protobuf_c_message_unpack(c->schema->descriptor, NULL, n, wire);
		assert_non_null(again);
		print(&out, again, c->schema, &pbjson_canonical);
		assert_str(buf_str(&out), c->canonical);
		protobuf_c_message_free_unpacked(again, NULL);
		buf_fini(&out);
		arena_fini(&a);
	}
}

TEST_MAIN()
