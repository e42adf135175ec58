/*
 * The walk accepts no more than protobuf-c unpacks: after it, a failing unpack
 * can only mean that the arena is full.
 */
#include "pb/message.h"

#include "base/utf8.h"

#include <limits.h>

enum {
	MAX_VARINT_BYTES = 10,
	MAX_LENGTH_BYTES = 5,  /* of a tag or a length: 32 bits */
	MAX_TYPE_FIELDS = 512, /* that one of our types declares */
};

/* The singular sub-messages that one message has had, by their place in its descriptor. */
struct seen {
	uint64_t bits[MAX_TYPE_FIELDS / 64];
};

/* What remains of the wire, and of the budget that all levels share. */
struct walk {
	str      rest;
	unsigned n_fields;
};

static status check_message(struct walk *w, const ProtobufCMessageDescriptor *d, unsigned depth);

static status malformed(void)
{
	return status_error(CODE_INVALID_ARGUMENT, "malformed protobuf message");
}

static status count_field(struct walk *w)
{
	if (w->n_fields == PB_MAX_FIELDS)
		return status_error(CODE_INVALID_ARGUMENT, "protobuf message of too many fields");
	w->n_fields++;
	return STATUS_OK;
}

static status take(struct walk *w, size_t n, str *out_bytes)
{
	if (n > w->rest.len)
		return malformed();
	*out_bytes = (str){w->rest.ptr, n};
	w->rest = str_from(w->rest, n);
	return STATUS_OK;
}

static status take_varint(struct walk *w, size_t max_bytes, uint64_t *out_value)
{
	uint64_t value = 0;

	for (size_t i = 0; i < max_bytes && i < w->rest.len; i++) {
		unsigned char byte = (unsigned char)w->rest.ptr[i];

		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80)
			continue;
		w->rest = str_from(w->rest, i + 1);
		*out_value = value;
		return STATUS_OK;
	}
	return malformed();
}

static status take_length_prefixed(struct walk *w, str *out_bytes)
{
	uint64_t n;

	TRY(take_varint(w, MAX_LENGTH_BYTES, &n));
	if (n > w->rest.len)
		return malformed();
	return take(w, (size_t)n, out_bytes);
}

static status take_tag(struct walk *w, uint32_t *out_number, unsigned *out_wire_type)
{
	uint64_t tag;

	TRY(take_varint(w, MAX_LENGTH_BYTES, &tag));
	if (tag > UINT32_MAX || tag >> 3 == 0)
		return malformed();
	*out_number = (uint32_t)(tag >> 3);
	*out_wire_type = (unsigned)(tag & 7);
	return STATUS_OK;
}

static ProtobufCWireType wire_type_of(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		return PROTOBUF_C_WIRE_TYPE_32BIT;
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return PROTOBUF_C_WIRE_TYPE_64BIT;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
		break;
	}
	return PROTOBUF_C_WIRE_TYPE_VARINT;
}

static status skip(struct walk *w, unsigned wire_type)
{
	uint64_t ignored_value;
	str      ignored_bytes;

	switch (wire_type) {
	case PROTOBUF_C_WIRE_TYPE_VARINT:
		return take_varint(w, MAX_VARINT_BYTES, &ignored_value);
	case PROTOBUF_C_WIRE_TYPE_64BIT:
		return take(w, 8, &ignored_bytes);
	case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
		return take_length_prefixed(w, &ignored_bytes);
	case PROTOBUF_C_WIRE_TYPE_32BIT:
		return take(w, 4, &ignored_bytes);
	default: /* groups, and what is no wire type at all */
		return malformed();
	}
}

/* Runs over bytes as if they were all that remains; the budget goes on. */
static status check_packed(struct walk *w, const ProtobufCFieldDescriptor *f, str bytes)
{
	struct walk inner = {bytes, w->n_fields};

	while (inner.rest.len > 0) {
		TRY(count_field(&inner));
		/* protobuf-c takes each byte of a packed bool for one item. */
		if (f->type == PROTOBUF_C_TYPE_BOOL && (unsigned char)inner.rest.ptr[0] > 1)
			return malformed();
		TRY(skip(&inner, wire_type_of(f->type)));
	}
	w->n_fields = inner.n_fields;
	return STATUS_OK;
}

static status check_submessage(struct walk *w, const ProtobufCFieldDescriptor *f, str bytes,
                               unsigned depth)
{
	struct walk inner = {bytes, w->n_fields};

	TRY(check_message(&inner, f->descriptor, depth + 1));
	w->n_fields = inner.n_fields;
	return STATUS_OK;
}

static status check_string(str s)
{
	if (str_find(s, '\0') >= 0)
		return status_error(CODE_INVALID_ARGUMENT, "text with a NUL");
	if (!utf8_is_valid(s))
		return status_error(CODE_INVALID_ARGUMENT, "text that is not UTF-8");
	return STATUS_OK;
}

static status check_length_prefixed(struct walk *w, const ProtobufCFieldDescriptor *f,
                                    unsigned depth)
{
	str bytes;

	TRY(take_length_prefixed(w, &bytes));
	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING:
		return check_string(bytes);
	case PROTOBUF_C_TYPE_BYTES:
		return STATUS_OK;
	case PROTOBUF_C_TYPE_MESSAGE:
		return check_submessage(w, f, bytes, depth);
	default:
		return check_packed(w, f, bytes);
	}
}

static status check_field(struct walk *w, const ProtobufCFieldDescriptor *f, unsigned wire_type,
                          unsigned depth)
{
	bool can_be_packed = f->label == PROTOBUF_C_LABEL_REPEATED &&
	                     wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;

	if (wire_type != wire_type_of(f->type) && !can_be_packed)
		return malformed();
	if (wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
		return check_length_prefixed(w, f, depth);
	return skip(w, wire_type);
}

/*
 * A singular sub-message may come once. A second one is to be merged, and protobuf-c does that
 * wrongly: it reads out of bounds where the type has a oneof, and drops proto3's scalars. In a
 * oneof it replaces instead, which is harmless.
 */
static status check_only_one(const ProtobufCMessageDescriptor *d, const ProtobufCFieldDescriptor *f,
                             struct seen *seen)
{
	size_t   index = (size_t)(f - d->fields);
	uint64_t bit = UINT64_C(1) << index % 64;

	if (f->type != PROTOBUF_C_TYPE_MESSAGE || f->label == PROTOBUF_C_LABEL_REPEATED ||
	    f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		return STATUS_OK;
	if (index >= MAX_TYPE_FIELDS || seen->bits[index / 64] & bit)
		return status_error(CODE_INVALID_ARGUMENT, "a singular sub-message given twice");
	seen->bits[index / 64] |= bit;
	return STATUS_OK;
}

static status check_message(struct walk *w, const ProtobufCMessageDescriptor *d, unsigned depth)
{
	struct seen seen = {0};

	if (depth > PB_MAX_DEPTH)
		return status_error(CODE_INVALID_ARGUMENT, "protobuf message nested too deep");
	while (w->rest.len > 0) {
		const ProtobufCFieldDescriptor *f;
		uint32_t                        number;
		unsigned                        wire_type;

		TRY(count_field(w));
		TRY(take_tag(w, &number, &wire_type));
		f = protobuf_c_message_descriptor_get_field(d, number);
		if (f == NULL) {
			TRY(skip(w, wire_type));
			continue;
		}
		TRY(check_only_one(d, f, &seen));
		TRY(check_field(w, f, wire_type, depth));
	}
	return STATUS_OK;
}

status pb_check(const ProtobufCMessageDescriptor *d, str wire)
{
	struct walk w = {.rest = wire};

	/* protobuf-c keeps lengths in an unsigned int. */
	if (wire.len > INT_MAX)
		return malformed();
	return check_message(&w, d, 1);
}
