/*
 * pbjson/value.h - one value that is no message, from JSON or from text.
 */
#ifndef PBJSON_VALUE_H
#define PBJSON_VALUE_H

#include "pbjson/reader.h"

/* Takes the next JSON value into the slot, which has the type of f. */
must_check status pbjson_value_read(struct pbjson_reader *r, const ProtobufCFieldDescriptor *f,
                                    void *slot);

/* The same from text: valid UTF-8 without NUL. */
must_check status pbjson_value_from_text(struct pbjson_reader *r, const ProtobufCFieldDescriptor *f,
                                         str text, void *slot);

#endif
