/*
 * pbjson/field.h - where protobuf-c keeps a field: names to indexes, places in memory, lists.
 *
 * Memory: everything comes from the arena through arena_try_alloc(), since a peer chooses how
 *         much; NULL past its ceiling.
 */
#ifndef PBJSON_FIELD_H
#define PBJSON_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "pb/schema.h"

enum { PBJSON_NO_FIELD = -1 };

/*
 * Index of the field that the name (any of its names) stands for, or PBJSON_NO_FIELD. The search
 * begins at index `hint` and wraps: writers keep the order of the fields.
 */
int pbjson_field_find(const struct pb_message *schema, str name, unsigned hint);

/* The list that stands for its message in JSON (the rule `inline`): fields[0] of the message. */
bool pbjson_field_is_inline(const struct pb_message *schema);

/* JSON's null is a value of the field's items: google.protobuf.Value. Elsewhere it is absence. */
bool pbjson_field_takes_null(const struct pb_field *f);

/* Where the field lives in m. */
void *pbjson_field_at(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);

/* Where the number of a list's items lives. */
size_t *pbjson_field_count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);

/* Bytes of one value of the field's type. */
size_t pbjson_field_size(const ProtobufCFieldDescriptor *f);

/* The member of f's oneof that is set, f among them; PBJSON_NO_FIELD if none, or f is in none. */
int pbjson_field_oneof(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);

/* Marks f as the member of its oneof that is set; nothing if it is in none. */
void pbjson_field_mark(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);

/* The sub-message that is set, or NULL. */
ProtobufCMessage *pbjson_field_message(const ProtobufCMessage         *m,
                                       const ProtobufCFieldDescriptor *f);

/* One zeroed item more at the end of a list that has only grown here; the place is good until the
 * next. */
void *pbjson_field_append(struct arena *a, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);

/* A new message, initialised. */
ProtobufCMessage *pbjson_field_new_message(struct arena *a, const ProtobufCMessageDescriptor *d);

#endif
