#include "pb/message.h"

#include "pb/member.h"

static void *allocate(void *arena, size_t n)
{
	return arena_try_alloc(arena, n);
}

static void free_nothing(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

ProtobufCAllocator pb_allocator(struct arena *a)
{
	return (ProtobufCAllocator){allocate, free_nothing, a};
}

status pb_unpack(struct arena *a, const ProtobufCMessageDescriptor *d, str wire,
                 ProtobufCMessage **out_message)
{
	ProtobufCAllocator allocator = pb_allocator(a);
	ProtobufCMessage  *m;

	TRY(pb_check(d, wire));
	m = protobuf_c_message_unpack(d, &allocator, wire.len, (const uint8_t *)wire.ptr);
	if (m == NULL)
		return status_error(CODE_RESOURCE_EXHAUSTED, "message too large");
	*out_message = m;
	return STATUS_OK;
}

status pb_pack(const ProtobufCMessage *m, struct buf *out)
{
	size_t n = protobuf_c_message_get_packed_size(m);
	char  *to;

	if (n > 0) {
		to = buf_reserve(out, n);
		if (to)
			buf_commit(out, protobuf_c_message_pack(m, (uint8_t *)to));
	}
	return buf_status(out);
}

ProtobufCMessage *pb_new(struct arena *a, const ProtobufCMessageDescriptor *d)
{
	ProtobufCMessage *m = arena_zalloc(a, d->sizeof_message);

	protobuf_c_message_init(d, m);
	return m;
}

/* The member's own bytes differ from proto3's zero value, or its pointer from NULL. */
static bool has_value(const void *member, ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_STRING:
		return pb_member_string(member).len > 0;
	case PROTOBUF_C_TYPE_BYTES:
		return pb_member_bytes(member).len > 0;
	case PROTOBUF_C_TYPE_MESSAGE:
		return pb_member_message(member) != NULL;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return *(const uint64_t *)member != 0;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
		break;
	}
	return *(const uint32_t *)member != 0;
}

bool pb_is_set(const ProtobufCMessage *m, const struct pb_message *schema, unsigned index)
{
	const ProtobufCFieldDescriptor *f = &schema->descriptor->fields[index];
	const void                     *member = pb_member(m, f);

	switch (schema->fields[index].presence) {
	case PB_REPEATED:
	case PB_MAP:
		return pb_member_count(m, f) > 0;
	case PB_OPTIONAL:
	case PB_ONEOF:
		return pb_member_is_chosen(m, f);
	case PB_MESSAGE:
	case PB_IMPLICIT:
		break;
	}
	return has_value(member, f->type);
}
