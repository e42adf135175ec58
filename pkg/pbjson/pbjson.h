/*
 * pbjson/pbjson.h - proto3 JSON, strict, over the side tables.
 *
 * Reading: UTF-8 checked, no NUL, depth at most 32, 64-bit integers exact, no NaN
 * literal, no trailing data, a field given twice (under any of its names) refused.
 * Unknown fields are skipped, but must be well-formed. snake_case, lowerCamelCase and
 * aliases name a field; integers may be strings, and 1e3 is one. Doubles may be "NaN",
 * "Infinity", "-Infinity", as in proto3 JSON. null: the field is absent.
 *
 * Writing: two sets of options, canonical proto3 JSON and the public API's.
 */
#ifndef PBJSON_PBJSON_H
#define PBJSON_PBJSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "pb/schema.h"

struct pbjson_options {
	bool use_proto_names; /* snake_case, not lowerCamelCase */
	bool print_implicit;  /* zero, "", false, [], {} of fields without presence */
	bool int64_as_number; /* ids stay below 2^53 */
	bool inline_lists;    /* the field rule `inline` */
	bool enum_as_number;
};

/* Canonical proto3 JSON; what the public API prints. */
extern const struct pbjson_options pbjson_canonical;
extern const struct pbjson_options pbjson_public;

struct pbjson_error {
	const char *field;  /* path so far, such as "points.0.lat"; "" for the whole */
	const char *reason; /* "must be a number" */
};

/*
 * Names of the top-level fields that the JSON named, null among them: for update masks. Proto
 * names.
 */
struct pbjson_seen {
	const char **names; /* in the arena */
	size_t       count;
};

/*
 * Reads a JSON object into m (initialised). Strings and sub-messages live in the arena, whose
 * ceiling holds; the text is not needed afterwards.
 *
 * What m holds already, put there by pbjson_set_text() from the path, stays: the body's word on
 * those fields is only checked for syntax. (A plain field that the path set to its zero looks
 * unset.) An inline list may come bare or in its message. Of a map's key given twice the last
 * value stays.
 * INVALID_ARGUMENT with *out_error filled; RESOURCE_EXHAUSTED. out_seen may be NULL.
 */
must_check status pbjson_parse(struct arena *a, str json, const struct pb_message *schema,
                               ProtobufCMessage *m, struct pbjson_seen *out_seen,
                               struct pbjson_error *out_error);

/*
 * Sets one field from text: a path variable or a query parameter. `path` is the field's name or a
 * dotted path into sub-messages; a repeated field gains an item. Numbers, booleans, enum names and
 * times are read from text; a list grows by this call alone, never one that was unpacked. NOT_FOUND
 * when there is no such field, or it has no text (a map, an ordinary message): m is as before.
 * INVALID_ARGUMENT when the text does not fit it or a singular field was set twice.
 */
must_check status pbjson_set_text(struct arena *a, const struct pb_message *schema,
                                  ProtobufCMessage *m, str path, str text,
                                  struct pbjson_error *out_error);

/* Reads the JSON of one field (body: "field") instead of the whole message. */
must_check status pbjson_parse_field(struct arena *a, str json, const struct pb_message *schema,
                                     ProtobufCMessage *m, const char *field_name,
                                     struct pbjson_error *out_error);

/*
 * Appends m as JSON; strings in m are valid UTF-8. INTERNAL, with nothing appended, when m holds
 * what JSON cannot (a time out of range); RESOURCE_EXHAUSTED at the buffer's ceiling.
 */
must_check status pbjson_print(struct buf *out, const ProtobufCMessage *m,
                               const struct pb_message     *schema,
                               const struct pbjson_options *options);

/* Appends one field of m as JSON (response_body); null when it is absent. */
must_check status pbjson_print_field(struct buf *out, const ProtobufCMessage *m,
                                     const struct pb_message *schema, const char *field_name,
                                     const struct pbjson_options *options);

/*
 * Appends a field of m that is a list of messages with an id and a place (fields id, lat and lon,
 * degrees) as GeoJSON (RFC 7946): a FeatureCollection of points, whose properties are the other
 * fields.
 */
must_check status pbjson_print_places(struct buf *out, const ProtobufCMessage *m,
                                      const struct pb_message *schema, const char *field_name,
                                      const struct pbjson_options *options);

/* Appends a quoted, escaped JSON string; s is valid UTF-8. */
void pbjson_print_string(struct buf *out, str s);

#endif
