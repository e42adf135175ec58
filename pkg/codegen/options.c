#include "codegen/options.h"

#include <string.h>

#include "codegen/plugin.h"

/* The extensions' numbers, as in options.proto and annotations.proto. */
enum { TAG_METHOD = 50001, TAG_FIELD = 50002, TAG_HTTP = 72295728 };

/* protobuf-c keeps the length before the bytes. */
static str without_length(const ProtobufCMessageUnknownField *u)
{
	size_t at = 0;

	while (at < u->len && (u->data[at] & 0x80) != 0)
		at++;
	return str_from((str){(const char *)u->data, u->len}, at + 1);
}

/*
 * Reads an extension. protoc writes (x).a = 1, (x).b = 2 as two occurrences; their bytes one
 * after the other are the merged message.
 */
static ProtobufCMessage *read_extension(struct arena *a, const ProtobufCMessage *options,
                                        uint32_t tag, const ProtobufCMessageDescriptor *d)
{
	ProtobufCAllocator allocator = codegen_plugin_allocator(a);
	ProtobufCMessage  *m = NULL;
	bool               is_there = false;
	struct buf         b;

	if (!options)
		return NULL;
	buf_init(&b, CODEGEN_MAX_BYTES);
	for (unsigned i = 0; i < options->n_unknown_fields; i++) {
		const ProtobufCMessageUnknownField *u = &options->unknown_fields[i];

		if (u->tag == tag && u->wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
			buf_put(&b, without_length(u));
			is_there = true;
		}
	}
	if (is_there)
		m = protobuf_c_message_unpack(d, &allocator, b.len, (const uint8_t *)b.ptr);
	buf_fini(&b);
	return m;
}

const codegen_method_options *codegen_options_method(struct arena *a, const codegen_method_proto *m)
{
	return (const codegen_method_options *)read_extension(
	        a, m->options ? &m->options->base : NULL, TAG_METHOD,
	        &canaduck__api__v1__method__descriptor);
}

const codegen_http_rule *codegen_options_http(struct arena *a, const codegen_method_proto *m)
{
	return (const codegen_http_rule *)read_extension(a, m->options ? &m->options->base : NULL,
	                                                 TAG_HTTP,
	                                                 &google__api__http_rule__descriptor);
}

const codegen_rules *codegen_options_rules(struct arena *a, const codegen_field_proto *f)
{
	return (const codegen_rules *)read_extension(a, f->options ? &f->options->base : NULL,
	                                             TAG_FIELD,
	                                             &canaduck__api__v1__field__descriptor);
}

bool codegen_options_is_safe(const codegen_method_proto *m)
{
	return m->options &&
	       m->options->idempotency_level ==
	               GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__NO_SIDE_EFFECTS;
}

bool codegen_options_pattern(const codegen_http_rule *rule, const char **out_method,
                             const char **out_path)
{
	switch (rule->pattern_case) {
	case GOOGLE__API__HTTP_RULE__PATTERN_GET:
		*out_method = "GET";
		*out_path = rule->get;
		return true;
	case GOOGLE__API__HTTP_RULE__PATTERN_PUT:
		*out_method = "PUT";
		*out_path = rule->put;
		return true;
	case GOOGLE__API__HTTP_RULE__PATTERN_POST:
		*out_method = "POST";
		*out_path = rule->post;
		return true;
	case GOOGLE__API__HTTP_RULE__PATTERN_DELETE:
		*out_method = "DELETE";
		*out_path = rule->delete_;
		return true;
	case GOOGLE__API__HTTP_RULE__PATTERN_PATCH:
		*out_method = "PATCH";
		*out_path = rule->patch;
		return true;
	default:
		return false;
	}
}
