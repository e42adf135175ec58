#include "pbjson/value.h"

#include "pbjson/base64.h"
#include "pbjson/number.h"

static const char *i32_from_text(str text, void *slot)
{
	int64_t     v;
	const char *fault = pbjson_number_to_i64(text, INT32_MIN, INT32_MAX, &v);

	if (fault == NULL)
		*(int32_t *)slot = (int32_t)v;
	return fault;
}

static const char *u32_from_text(str text, void *slot)
{
	uint64_t    v;
	const char *fault = pbjson_number_to_u64(text, UINT32_MAX, &v);

	if (fault == NULL)
		*(uint32_t *)slot = (uint32_t)v;
	return fault;
}

static const char *bool_from_text(str text, void *slot)
{
	bool is_true = str_eq(text, STR("true"));

	if (!is_true && !str_eq(text, STR("false")))
		return "must be true or false";
	*(protobuf_c_boolean *)slot = is_true;
	return NULL;
}

/* A name, or a number: enums are open, so any that fits. */
static const char *enum_from_text(const ProtobufCEnumDescriptor *d, str text, void *slot)
{
	for (unsigned i = 0; i < d->n_value_names; i++) {
		if (str_eq(text, str_c(d->values_by_name[i].name))) {
			*(int32_t *)slot = d->values[d->values_by_name[i].index].value;
			return NULL;
		}
	}
	return i32_from_text(text, slot) ? "is not one of the known values" : NULL;
}

static status bytes_from_text(struct pbjson_reader *r, str text, void *slot)
{
	ProtobufCBinaryData *bytes = slot;
	uint8_t             *data = arena_try_alloc(r->arena, pbjson_base64_max_decoded(text.len));
	size_t               len;

	if (data == NULL)
		return pbjson_reader_fail_full(r);
	if (!pbjson_base64_decode(text, data, &len))
		return pbjson_reader_fail(r, "must be base64");
	*bytes = (ProtobufCBinaryData){len, data};
	return STATUS_OK;
}

status pbjson_value_from_text(struct pbjson_reader *r, const ProtobufCFieldDescriptor *f, str text,
                              void *slot)
{
	const char *fault = NULL;

	switch (f->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		fault = i32_from_text(text, slot);
		break;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		fault = u32_from_text(text, slot);
		break;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		fault = pbjson_number_to_i64(text, INT64_MIN, INT64_MAX, slot);
		break;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		fault = pbjson_number_to_u64(text, UINT64_MAX, slot);
		break;
	case PROTOBUF_C_TYPE_FLOAT:
		fault = pbjson_number_to_float(text, slot);
		break;
	case PROTOBUF_C_TYPE_DOUBLE:
		fault = pbjson_number_to_double(text, slot);
		break;
	case PROTOBUF_C_TYPE_BOOL:
		fault = bool_from_text(text, slot);
		break;
	case PROTOBUF_C_TYPE_ENUM:
		fault = enum_from_text(f->descriptor, text, slot);
		break;
	case PROTOBUF_C_TYPE_STRING:
		return pbjson_reader_copy(r, text, slot);
	case PROTOBUF_C_TYPE_BYTES:
		return bytes_from_text(r, text, slot);
	case PROTOBUF_C_TYPE_MESSAGE:
		return status_error(CODE_INTERNAL, "a message has no text");
	}
	return fault ? pbjson_reader_fail(r, fault) : STATUS_OK;
}

/* Straight into its copy: a string field's text is not held twice. */
static status read_string(struct pbjson_reader *r, char **out_text)
{
	struct pbjson_string s;
	char                *text;

	if (!pbjson_scan_string(&r->scan, &s))
		return pbjson_reader_fail_syntax(r);
	text = arena_try_alloc(r->arena, s.raw.len + 1);
	if (text == NULL)
		return pbjson_reader_fail_full(r);
	text[pbjson_scan_unescape(s, text)] = '\0';
	*out_text = text;
	return STATUS_OK;
}

static status read_bool(struct pbjson_reader *r, protobuf_c_boolean *out_value)
{
	enum pbjson_kind kind = pbjson_scan_peek(&r->scan);

	if (kind != PBJSON_TRUE)
		TRY(pbjson_reader_expect(r, PBJSON_FALSE, "must be true or false"));
	if (!pbjson_scan_literal(&r->scan))
		return pbjson_reader_fail_syntax(r);
	*out_value = kind == PBJSON_TRUE;
	return STATUS_OK;
}

/* A number, or a string that holds one (or the name of an enum's value). */
static status read_number(struct pbjson_reader *r, const ProtobufCFieldDescriptor *f, void *slot)
{
	str text;

	if (pbjson_scan_peek(&r->scan) == PBJSON_STRING) {
		TRY(pbjson_reader_text(r, &text));
	} else {
		TRY(pbjson_reader_expect(r, PBJSON_NUMBER,
		                         f->type == PROTOBUF_C_TYPE_ENUM
		                                 ? "is not one of the known values"
		                                 : "must be a number"));
		if (!pbjson_scan_number(&r->scan, &text))
			return pbjson_reader_fail_syntax(r);
	}
	return pbjson_value_from_text(r, f, text, slot);
}

status pbjson_value_read(struct pbjson_reader *r, const ProtobufCFieldDescriptor *f, void *slot)
{
	str text;

	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING:
		TRY(pbjson_reader_expect(r, PBJSON_STRING, "must be a string"));
		return read_string(r, slot);
	case PROTOBUF_C_TYPE_BYTES:
		TRY(pbjson_reader_expect(r, PBJSON_STRING, "must be base64"));
		TRY(pbjson_reader_text(r, &text));
		return bytes_from_text(r, text, slot);
	case PROTOBUF_C_TYPE_BOOL:
		return read_bool(r, slot);
	default:
		return read_number(r, f, slot);
	}
}
