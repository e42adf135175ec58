/*
 * pb/schema.h - what protobuf-c's descriptors leave out: the side tables that the
 * generator emits for every message of ours and for the well-known types.
 *
 * Tables are constant data. fields[] runs parallel to descriptor->fields[] (both by
 * field number).
 */
#ifndef PB_SCHEMA_H
#define PB_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

enum pb_well_known {
	PB_ORDINARY,
	PB_TIMESTAMP,
	PB_DURATION,
	PB_FIELD_MASK,
	PB_STRUCT,
	PB_VALUE,
	PB_LIST_VALUE,
	PB_WRAPPER, /* Int64Value and its like: one field `value`, printed bare */
	PB_EMPTY,
};

enum pb_presence {
	PB_IMPLICIT, /* proto3 singular: the zero value is absence */
	PB_OPTIONAL, /* proto3 `optional`: protobuf-c sees a oneof of its own, one member */
	PB_ONEOF,    /* member of a real oneof */
	PB_MESSAGE,  /* singular message: NULL is absence */
	PB_REPEATED,
	PB_MAP, /* repeated entry messages {key = 1, value = 2} */
};

enum pb_format {
	PB_FORMAT_NONE,
	PB_FORMAT_EMAIL,
	PB_FORMAT_PSEUDO,
	PB_FORMAT_CHANNEL,
	PB_FORMAT_PICTURE,
	PB_FORMAT_INCLUDE
};

struct pb_rules {
	bool           is_required, has_min, has_max, is_secret, is_inline, is_in_query;
	enum pb_format format;
	uint32_t       min_length, max_length; /* characters; 0: no bound */
	uint32_t       min_items, max_items;   /* 0: no bound */
	double         min, max;
};

struct pb_message;

struct pb_field {
	const char              *name;      /* proto name, snake_case: what the public API prints */
	const char              *json_name; /* lowerCamelCase: what canonical JSON prints */
	const char *const       *aliases;   /* further input names, NULL-ended; NULL: none */
	enum pb_presence         presence;
	const struct pb_message *message; /* of a message field or of a map's entry; else NULL */
	const struct pb_rules   *rules;   /* NULL: none */
};

struct pb_message {
	const ProtobufCMessageDescriptor *descriptor;
	const struct pb_field            *fields; /* descriptor->n_fields of them */
	enum pb_well_known                well_known;
};

#endif
