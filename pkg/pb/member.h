/*
 * pb/member.h - a field's place inside a protobuf-c message. Private to the module.
 */
#ifndef PB_MEMBER_H
#define PB_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/str.h"

static inline const void *pb_member(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	return (const char *)m + f->offset;
}

/* How many items a repeated field has. */
static inline size_t pb_member_count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	return *(const size_t *)(const void *)((const char *)m + f->quantifier_offset);
}

/* The oneof that the field is a member of holds this field. */
static inline bool pb_member_is_chosen(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	return *(const uint32_t *)(const void *)((const char *)m + f->quantifier_offset) == f->id;
}

/* Values by their place: in the message, or in a repeated field's array. */
static inline str pb_member_string(const void *place)
{
	return str_c(*(const char *const *)place);
}

static inline str pb_member_bytes(const void *place)
{
	const ProtobufCBinaryData *b = place;

	return (str){(const char *)b->data, b->len};
}

static inline const ProtobufCMessage *pb_member_message(const void *place)
{
	return *(const ProtobufCMessage *const *)place;
}

#endif
