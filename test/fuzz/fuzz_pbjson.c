/*
 * Any bytes as the JSON of a message; the first byte says of which. What is read is written in both
 * ways, and what was written is read again and written the same.
 */
#include "base/mem.h"
#include "pbjson/pbjson.h"
#include "sample.schema.h"
#include "test/fuzz/fuzz.h"

enum { MAX_BYTES = 1 << 24 };

static ProtobufCMessage *parse(struct arena *a, const struct pb_message *schema, str json)
{
	ProtobufCMessage   *m = arena_alloc(a, schema->descriptor->sizeof_message);
	struct pbjson_seen  seen;
	struct pbjson_error error = {NULL, NULL};
	status              st;

	protobuf_c_message_init(schema->descriptor, m);
	st = pbjson_parse(a, json, schema, m, &seen, &error);
	if (st.code == CODE_OK)
		return m;
	fuzz_require(error.field && error.reason && st.msg);
	return NULL;
}

static void print(struct buf *out, const struct pb_message *schema, const ProtobufCMessage *m,
                  const struct pbjson_options *options)
{
	fuzz_require(pbjson_print(out, m, schema, options).code == CODE_OK);
}

static void check(struct arena *a, const struct pb_message *schema, const ProtobufCMessage *m,
                  const struct pbjson_options *options)
{
	AUTO(buf_fini) struct buf first = {.ceiling = MAX_BYTES}, second = {.ceiling = MAX_BYTES};
	ProtobufCMessage         *again;

	print(&first, schema, m, options);
	again = parse(a, schema, buf_str(&first));
	fuzz_require(again != NULL);
	print(&second, schema, again, options);
	fuzz_require(str_eq(buf_str(&first), buf_str(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pb_message *const schemas[] = {
	        &sample_everything_schema, &sample_scalars_schema,    &sample_lists_schema,
	        &sample_maps_schema,       &sample_choices_schema,    &sample_names_schema,
	        &sample_incident_schema,   &sample_well_known_schema,
	};
	AUTO(arena_fini) struct arena a = {.ceiling = MAX_BYTES};
	const struct pb_message      *schema;
	ProtobufCMessage             *m;

	if (size == 0)
		return 0;
	schema = schemas[data[0] % (sizeof schemas / sizeof schemas[0])];
	m = parse(&a, schema, (str){(const char *)data + 1, size - 1});
	if (m) {
		check(&a, schema, m, &pbjson_canonical);
		check(&a, schema, m, &pbjson_public);
	}
	return 0;
}
