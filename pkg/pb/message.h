/*
 * pb/message.h - protobuf messages to and from the wire, safely, in an arena.
 *
 * protobuf-c has no limits of its own and takes any bytes for text, so the wire bytes
 * of a peer are checked first: depth, sizes, UTF-8, no NUL in a string.
 */
#ifndef PB_MESSAGE_H
#define PB_MESSAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "pb/schema.h"

enum { PB_MAX_DEPTH = 32, PB_MAX_FIELDS = 400000 };

/*
 * Checks wire bytes against the descriptor: well-formed, nested at most PB_MAX_DEPTH deep, at most
 * PB_MAX_FIELDS fields and items in all, strings valid UTF-8 without NUL, no groups. Unknown
 * fields are fine; another wire type than the field's is not, nor is a singular sub-message given
 * twice (nobody writes that, and protobuf-c cannot merge). INVALID_ARGUMENT otherwise. Types of
 * proto3 only: `required` is not looked at.
 */
must_check status pb_check(const ProtobufCMessageDescriptor *d, str wire);

/*
 * Checks and unpacks into the arena (its ceiling holds: RESOURCE_EXHAUSTED). The message dies with
 * the arena; never call protobuf_c_message_free_unpacked() on it.
 */
must_check status pb_unpack(struct arena *a, const ProtobufCMessageDescriptor *d, str wire,
                            ProtobufCMessage **out_message);

/* Appends the packed message; the buffer's ceiling holds. */
must_check status pb_pack(const ProtobufCMessage *m, struct buf *out);

/* A new message of the type, initialised, in the arena. */
ProtobufCMessage *pb_new(struct arena *a, const ProtobufCMessageDescriptor *d);

/* An allocator for protobuf-c that takes from the arena (up to its ceiling) and frees nothing. */
ProtobufCAllocator pb_allocator(struct arena *a);

/* The singular or optional field is there; implicit: it is not zero; a list or map: has items. */
bool pb_is_set(const ProtobufCMessage *m, const struct pb_message *schema, unsigned index);

#endif
