#include "pbjson/well_known.h"

#include "base/rfc3339.h"
#include "pbjson/duration.h"
#include "pbjson/field.h"
#include "pbjson/parse.h"
#include "pbjson/value.h"

#include <stdint.h>

/* Fields of google.protobuf.Value, in the order of their numbers. */
enum { VALUE_NULL, VALUE_NUMBER, VALUE_STRING, VALUE_BOOL, VALUE_STRUCT, VALUE_LIST };

bool pbjson_well_known_is_special(const struct pb_message *schema)
{
	return schema->well_known != PB_ORDINARY && schema->well_known != PB_EMPTY;
}

bool pbjson_well_known_has_text(const struct pb_message *schema)
{
	switch (schema->well_known) {
	case PB_TIMESTAMP:
	case PB_DURATION:
	case PB_FIELD_MASK:
	case PB_WRAPPER:
		return true;
	default:
		return false;
	}
}

/* Timestamp and Duration are alike: int64 seconds = 1, int32 nanos = 2. */
static void set_time(ProtobufCMessage *m, int64_t seconds, int32_t nanos)
{
	const ProtobufCFieldDescriptor *f = m->descriptor->fields;

	*(int64_t *)pbjson_field_at(m, &f[0]) = seconds;
	*(int32_t *)pbjson_field_at(m, &f[1]) = nanos;
}

static status time_from_text(struct pbjson_reader *r, ProtobufCMessage *m, str text)
{
	int64_t seconds;
	int32_t nanos;

	if (!rfc3339_parse(text, &seconds, &nanos))
		return pbjson_reader_fail(r, "must be a time such as 2026-11-21T10:00:00Z");
	set_time(m, seconds, nanos);
	return STATUS_OK;
}

static status duration_from_text(struct pbjson_reader *r, ProtobufCMessage *m, str text)
{
	int64_t seconds;
	int32_t nanos;

	if (!pbjson_duration_parse(text, &seconds, &nanos))
		return pbjson_reader_fail(r, "must be a duration such as 1.5s");
	set_time(m, seconds, nanos);
	return STATUS_OK;
}

/*
 * One path of a mask as snake_case: "homeAddress" and "home_address" alike. Refused is what
 * has no lowerCamel form, and so could not be written again.
 */
static bool to_snake(str path, char *out, size_t *out_len)
{
	size_t n = 0;

	for (size_t i = 0; i < path.len; i++) {
		char c = path.ptr[i];

		if (c >= 'A' && c <= 'Z') {
			out[n++] = '_';
			c = (char)(c - 'A' + 'a');
		} else if (c == '_') {
			if (i + 1 == path.len || path.ptr[i + 1] < 'a' || path.ptr[i + 1] > 'z')
				return false;
		} else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.')) {
			return false;
		}
		out[n++] = c;
	}
	*out_len = n;
	return n > 0;
}

static status mask_path_from_text(struct pbjson_reader *r, ProtobufCMessage *m, str path)
{
	char  *text = arena_try_alloc(r->arena, path.len * 2 + 1);
	char **slot = pbjson_field_append(r->arena, m, m->descriptor->fields);
	size_t len;

	if (text == NULL || slot == NULL)
		return pbjson_reader_fail_full(r);
	if (!to_snake(path, text, &len))
		return pbjson_reader_fail(r, "must be names of fields, separated by commas");
	text[len] = '\0';
	*slot = text;
	return STATUS_OK;
}

static status mask_from_text(struct pbjson_reader *r, ProtobufCMessage *m, str text)
{
	str path;

	if (text.len == 0)
		return STATUS_OK;
	while (str_cut(text, ',', &path, &text))
		TRY(mask_path_from_text(r, m, path));
	return mask_path_from_text(r, m, text);
}

status pbjson_well_known_from_text(struct pbjson_reader *r, const struct pb_message *schema,
                                   ProtobufCMessage *m, str text)
{
	const ProtobufCFieldDescriptor *value = schema->descriptor->fields;

	switch (schema->well_known) {
	case PB_TIMESTAMP:
		return time_from_text(r, m, text);
	case PB_DURATION:
		return duration_from_text(r, m, text);
	case PB_FIELD_MASK:
		return mask_from_text(r, m, text);
	case PB_WRAPPER:
		return pbjson_value_from_text(r, value, text, pbjson_field_at(m, value));
	default:
		return status_error(CODE_INTERNAL, "the message has no text");
	}
}

static status read_text(struct pbjson_reader *r, const struct pb_message *schema,
                        ProtobufCMessage *m)
{
	str text;

	TRY(pbjson_reader_expect(r, PBJSON_STRING, "must be a string"));
	TRY(pbjson_reader_text(r, &text));
	return pbjson_well_known_from_text(r, schema, m, text);
}

static status read_null(struct pbjson_reader *r, ProtobufCMessage *m)
{
	const ProtobufCFieldDescriptor *f = &m->descriptor->fields[VALUE_NULL];

	if (!pbjson_scan_literal(&r->scan))
		return pbjson_reader_fail_syntax(r);
	*(int32_t *)pbjson_field_at(m, f) = 0;
	pbjson_field_mark(m, f);
	return STATUS_OK;
}

static status read_value(struct pbjson_reader *r, const struct pb_message *schema,
                         ProtobufCMessage *m)
{
	switch (pbjson_scan_peek(&r->scan)) {
	case PBJSON_NULL:
		return read_null(r, m);
	case PBJSON_NUMBER:
		return pbjson_parse_singular(r, schema, m, VALUE_NUMBER);
	case PBJSON_STRING:
		return pbjson_parse_singular(r, schema, m, VALUE_STRING);
	case PBJSON_TRUE:
	case PBJSON_FALSE:
		return pbjson_parse_singular(r, schema, m, VALUE_BOOL);
	case PBJSON_OBJECT:
		return pbjson_parse_singular(r, schema, m, VALUE_STRUCT);
	case PBJSON_ARRAY:
		return pbjson_parse_singular(r, schema, m, VALUE_LIST);
	case PBJSON_NOTHING:
		break;
	}
	return pbjson_reader_fail_syntax(r);
}

status pbjson_well_known_read(struct pbjson_reader *r, const struct pb_message *schema,
                              ProtobufCMessage *m)
{
	switch (schema->well_known) {
	case PB_STRUCT:
		return pbjson_map_parse(r, schema, m, 0);
	case PB_LIST_VALUE:
		return pbjson_parse_list(r, schema, m, 0);
	case PB_VALUE:
		return read_value(r, schema, m);
	case PB_WRAPPER:
		return pbjson_parse_singular(r, schema, m, 0);
	default:
		return read_text(r, schema, m);
	}
}
