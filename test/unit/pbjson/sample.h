/*
 * pbjson/sample.h - what the tests of reading and writing share: the schemas of sample.proto.
 */
#ifndef TEST_UNIT_PBJSON_SAMPLE_H
#define TEST_UNIT_PBJSON_SAMPLE_H

#include "pbjson/pbjson.h"
#include "sample.schema.h"

enum { SAMPLE_ARENA_BYTES = 1 << 20 };

#define SCALARS  (&sample_scalars_schema)
#define LISTS    (&sample_lists_schema)
#define MAPS     (&sample_maps_schema)
#define CHOICES  (&sample_choices_schema)
#define KNOWN    (&sample_well_known_schema)
#define NAMES    (&sample_names_schema)
#define INCIDENT (&sample_incident_schema)

/* A new message in the arena. */
static inline ProtobufCMessage *sample_new(struct arena *a, const struct pb_message *schema)
{
	ProtobufCMessage *m = arena_alloc(a, schema->descriptor->sizeof_message);

	protobuf_c_message_init(schema->descriptor, m);
	return m;
}

#endif
