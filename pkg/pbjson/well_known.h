/*
 * pbjson/well_known.h - reading the types that JSON writes otherwise than as objects.
 *
 * They are reached through their descriptors (fields in the order of their numbers), so
 * that nothing here needs their generated code.
 */
#ifndef PBJSON_WELL_KNOWN_H
#define PBJSON_WELL_KNOWN_H

#include "pbjson/reader.h"

/* Its JSON is not that of an ordinary message. */
bool pbjson_well_known_is_special(const struct pb_message *schema);

/* It can be read from text alone: times, durations, masks and wrappers. */
bool pbjson_well_known_has_text(const struct pb_message *schema);

/* Takes the next JSON value into m, of a special type. */
must_check status pbjson_well_known_read(struct pbjson_reader *r, const struct pb_message *schema,
                                         ProtobufCMessage *m);

/* The same from text, for a type that has one. */
must_check status pbjson_well_known_from_text(struct pbjson_reader    *r,
                                              const struct pb_message *schema, ProtobufCMessage *m,
                                              str text);

#endif
