/*
 * pbjson/print.h - the parts of writing that call each other.
 *
 * A message may be NULL: it prints as its zero. protobuf-c leaves the value of a map's
 * entry NULL when the wire had none.
 */
#ifndef PBJSON_PRINT_H
#define PBJSON_PRINT_H

#include "base/buf.h"
#include "pbjson/pbjson.h"

struct pbjson_printer {
	struct buf                  *out;
	const struct pbjson_options *options;
	const char                  *fault; /* what JSON cannot hold, if there was any; sticky */
};

/* The value of a field: f's place in m, or zeros. */
const void *pbjson_print_slot(const ProtobufCMessage *m, const struct pb_message *schema,
                              unsigned index);

/* One value of the field's type, a list or map field as a whole, a message. */
void pbjson_print_item(struct pbjson_printer *p, const struct pb_message *schema, unsigned index,
                       const void *slot);
void pbjson_print_list(struct pbjson_printer *p, const ProtobufCMessage *m,
                       const struct pb_message *schema, unsigned index);
void pbjson_print_map(struct pbjson_printer *p, const ProtobufCMessage *m,
                      const struct pb_message *schema, unsigned index);

/* A message as an object, but for the fields of some indexes. */
void pbjson_print_object(struct pbjson_printer *p, const ProtobufCMessage *m,
                         const struct pb_message *schema, const int *left_out, unsigned n_left_out);

/* How it went. On a fault takes back what was written since `start`. */
must_check status pbjson_print_finish(struct pbjson_printer *p, size_t start);

/* A message whose JSON is not that of an ordinary one (print_well_known.c). */
void pbjson_print_well_known(struct pbjson_printer *p, const ProtobufCMessage *m,
                             const struct pb_message *schema);

#endif
