/*
 * pbjson/parse.h - the parts of reading that call each other: lists, maps, members, messages.
 */
#ifndef PBJSON_PARSE_H
#define PBJSON_PARSE_H

#include "pbjson/reader.h"

/* Takes the next value into the singular field, whatever its presence. */
must_check status pbjson_parse_singular(struct pbjson_reader *r, const struct pb_message *schema,
                                        ProtobufCMessage *m, unsigned index);

/* Takes one value of the field's type into the slot; a message is made anew. */
must_check status pbjson_parse_item(struct pbjson_reader *r, const struct pb_message *schema,
                                    unsigned index, void *slot);

/* Takes a JSON list into the repeated field. */
must_check status pbjson_parse_list(struct pbjson_reader *r, const struct pb_message *schema,
                                    ProtobufCMessage *m, unsigned index);

/* Takes a JSON object into the map field (map.c). Of a key given twice the last value stays. */
must_check status pbjson_map_parse(struct pbjson_reader *r, const struct pb_message *schema,
                                   ProtobufCMessage *m, unsigned index);

#endif
