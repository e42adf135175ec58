#include "pbjson/print.h"

#include "pb/message.h"
#include "pbjson/base64.h"
#include "pbjson/field.h"
#include "pbjson/number.h"
#include "pbjson/well_known.h"

const struct pbjson_options pbjson_canonical = {0};

const struct pbjson_options pbjson_public = {
        .use_proto_names = true,
        .print_implicit = true,
        .int64_as_number = true,
        .inline_lists = true,
};

/* The escape of a byte that may not stand in a string; 'u': by its number; 0: none. */
static char escape_of(char c)
{
	switch (c) {
	case '"':
	case '\\':
		return c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return (unsigned char)c < 0x20 ? 'u' : '\0';
	}
}

void pbjson_print_string(struct buf *out, str s)
{
	size_t start = 0;

	buf_put_c(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		char escape = escape_of(s.ptr[i]);

		if (escape == '\0')
			continue;
		buf_put_bytes(out, s.ptr + start, i - start);
		if (escape == 'u')
			buf_printf(out, "\\u%04x", (unsigned)s.ptr[i]);
		else
			buf_put_bytes(out, (char[]){'\\', escape}, 2);
		start = i + 1;
	}
	if (s.len > start)
		buf_put_bytes(out, s.ptr + start, s.len - start);
	buf_put_c(out, '"');
}

const void *pbjson_print_slot(const ProtobufCMessage *m, const struct pb_message *schema,
                              unsigned index)
{
	static const union {
		uint64_t            number;
		const char         *text;
		ProtobufCBinaryData bytes;
	} zero;

	return m ? pbjson_field_at(m, &schema->descriptor->fields[index]) : &zero;
}

static void print_i64(struct pbjson_printer *p, int64_t v)
{
	if (!p->options->int64_as_number)
		buf_put_c(p->out, '"');
	buf_put_i64(p->out, v);
	if (!p->options->int64_as_number)
		buf_put_c(p->out, '"');
}

static void print_u64(struct pbjson_printer *p, uint64_t v)
{
	if (!p->options->int64_as_number)
		buf_put_c(p->out, '"');
	buf_put_u64(p->out, v);
	if (!p->options->int64_as_number)
		buf_put_c(p->out, '"');
}

static void print_bool(struct buf *out, protobuf_c_boolean v)
{
	buf_put(out, v ? STR("true") : STR("false"));
}

static void print_enum(struct pbjson_printer *p, const ProtobufCEnumDescriptor *d, int32_t v)
{
	const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(d, v);

	if (known && !p->options->enum_as_number)
		pbjson_print_string(p->out, str_c(known->name));
	else
		buf_put_i64(p->out, v);
}

static void print_bytes(struct buf *out, const ProtobufCBinaryData *bytes)
{
	buf_put_c(out, '"');
	pbjson_base64_print(out, bytes->data, bytes->len);
	buf_put_c(out, '"');
}

static void print_message(struct pbjson_printer *p, const ProtobufCMessage *m,
                          const struct pb_message *schema);

void pbjson_print_item(struct pbjson_printer *p, const struct pb_message *schema, unsigned index,
                       const void *slot)
{
	const ProtobufCFieldDescriptor *f = &schema->descriptor->fields[index];

	switch (f->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		buf_put_i64(p->out, *(const int32_t *)slot);
		return;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		buf_put_u64(p->out, *(const uint32_t *)slot);
		return;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		print_i64(p, *(const int64_t *)slot);
		return;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		print_u64(p, *(const uint64_t *)slot);
		return;
	case PROTOBUF_C_TYPE_FLOAT:
		pbjson_number_print_float(p->out, *(const float *)slot);
		return;
	case PROTOBUF_C_TYPE_DOUBLE:
		pbjson_number_print_double(p->out, *(const double *)slot);
		return;
	case PROTOBUF_C_TYPE_BOOL:
		print_bool(p->out, *(const protobuf_c_boolean *)slot);
		return;
	case PROTOBUF_C_TYPE_ENUM:
		print_enum(p, f->descriptor, *(const int32_t *)slot);
		return;
	case PROTOBUF_C_TYPE_STRING:
		pbjson_print_string(p->out, str_c(*(char *const *)slot));
		return;
	case PROTOBUF_C_TYPE_BYTES:
		print_bytes(p->out, slot);
		return;
	case PROTOBUF_C_TYPE_MESSAGE:
		print_message(p, *(ProtobufCMessage *const *)slot, schema->fields[index].message);
		return;
	}
}

void pbjson_print_list(struct pbjson_printer *p, const ProtobufCMessage *m,
                       const struct pb_message *schema, unsigned index)
{
	const ProtobufCFieldDescriptor *f = &schema->descriptor->fields[index];
	size_t                          count = m ? *pbjson_field_count(m, f) : 0;
	const char *items = *(const char *const *)pbjson_print_slot(m, schema, index);

	buf_put_c(p->out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_put_c(p->out, ',');
		pbjson_print_item(p, schema, index, items + i * pbjson_field_size(f));
	}
	buf_put_c(p->out, ']');
}

/* Keys are strings in JSON, whatever they are in the message. */
static void print_key(struct pbjson_printer *p, const ProtobufCMessage *entry,
                      const struct pb_message *schema)
{
	static const struct pbjson_options bare_numbers = {.int64_as_number = true};
	struct pbjson_printer              key = {.out = p->out, .options = &bare_numbers};
	bool is_string = schema->descriptor->fields[0].type == PROTOBUF_C_TYPE_STRING;

	if (!is_string)
		buf_put_c(p->out, '"');
	pbjson_print_item(&key, schema, 0, pbjson_print_slot(entry, schema, 0));
	if (!is_string)
		buf_put_c(p->out, '"');
	buf_put_c(p->out, ':');
}

void pbjson_print_map(struct pbjson_printer *p, const ProtobufCMessage *m,
                      const struct pb_message *schema, unsigned index)
{
	const struct pb_message        *entry = schema->fields[index].message;
	const ProtobufCFieldDescriptor *f = &schema->descriptor->fields[index];
	size_t                          count = m ? *pbjson_field_count(m, f) : 0;
	ProtobufCMessage *const        *entries =
	        *(ProtobufCMessage *const *const *)pbjson_print_slot(m, schema, index);

	buf_put_c(p->out, '{');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_put_c(p->out, ',');
		print_key(p, entries[i], entry);
		pbjson_print_item(p, entry, 1, pbjson_print_slot(entries[i], entry, 1));
	}
	buf_put_c(p->out, '}');
}

static void print_field(struct pbjson_printer *p, const ProtobufCMessage *m,
                        const struct pb_message *schema, unsigned index)
{
	switch (schema->fields[index].presence) {
	case PB_REPEATED:
		pbjson_print_list(p, m, schema, index);
		return;
	case PB_MAP:
		pbjson_print_map(p, m, schema, index);
		return;
	default:
		pbjson_print_item(p, schema, index, pbjson_print_slot(m, schema, index));
	}
}

/* A field whose zero and whose absence are one. */
static bool is_implicit(const struct pb_field *f)
{
	return f->presence == PB_IMPLICIT || f->presence == PB_REPEATED || f->presence == PB_MAP;
}

static bool is_among(const int *indexes, unsigned n, unsigned index)
{
	for (unsigned i = 0; i < n; i++)
		if (indexes[i] == (int)index)
			return true;
	return false;
}

void pbjson_print_object(struct pbjson_printer *p, const ProtobufCMessage *m,
                         const struct pb_message *schema, const int *left_out, unsigned n_left_out)
{
	const char *separator = "";

	buf_put_c(p->out, '{');
	for (unsigned i = 0; i < schema->descriptor->n_fields; i++) {
		const struct pb_field *f = &schema->fields[i];

		if (!(p->options->print_implicit && is_implicit(f)) &&
		    !(m && pb_is_set(m, schema, i)))
			continue;
		if (is_among(left_out, n_left_out, i))
			continue;
		buf_put(p->out, str_c(separator));
		buf_put_c(p->out, '"');
		buf_put(p->out, str_c(p->options->use_proto_names ? f->name : f->json_name));
		buf_put(p->out, STR("\":"));
		print_field(p, m, schema, i);
		separator = ",";
	}
	buf_put_c(p->out, '}');
}

static void print_message(struct pbjson_printer *p, const ProtobufCMessage *m,
                          const struct pb_message *schema)
{
	if (pbjson_well_known_is_special(schema)) {
		pbjson_print_well_known(p, m, schema);
		return;
	}
	if (p->options->inline_lists && pbjson_field_is_inline(schema)) {
		pbjson_print_list(p, m, schema, 0);
		return;
	}
	pbjson_print_object(p, m, schema, NULL, 0);
}

status pbjson_print_finish(struct pbjson_printer *p, size_t start)
{
	if (p->fault == NULL)
		return buf_status(p->out);
	p->out->len = start;
	return status_error(CODE_INTERNAL, p->fault);
}

status pbjson_print(struct buf *out, const ProtobufCMessage *m, const struct pb_message *schema,
                    const struct pbjson_options *options)
{
	struct pbjson_printer p = {.out = out, .options = options};
	size_t                start = out->len;

	print_message(&p, m, schema);
	return pbjson_print_finish(&p, start);
}

status pbjson_print_field(struct buf *out, const ProtobufCMessage *m,
                          const struct pb_message *schema, const char *field_name,
                          const struct pbjson_options *options)
{
	struct pbjson_printer p = {.out = out, .options = options};
	size_t                start = out->len;
	int                   index = pbjson_field_find(schema, str_c(field_name), 0);

	if (index == PBJSON_NO_FIELD)
		return status_error(CODE_INTERNAL, "no such field");
	if (is_implicit(&schema->fields[index]) || pb_is_set(m, schema, (unsigned)index))
		print_field(&p, m, schema, (unsigned)index);
	else
		buf_put(out, STR("null"));
	return pbjson_print_finish(&p, start);
}
