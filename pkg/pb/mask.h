/*
 * pb/mask.h - the update mask of a PATCH: which fields the caller named (AIP-134).
 */
#ifndef PB_MASK_H
#define PB_MASK_H

#include <string.h>

#include "base/arena.h"
#include "google/protobuf/field_mask.schema.h"

/* The caller named the field, if only to say null. No mask names nothing. */
static inline bool pb_mask_has(const pb_field_mask *mask, const char *field)
{
	for (size_t i = 0; mask && i < mask->n_paths; i++)
		if (strcmp(mask->paths[i], field) == 0)
			return true;
	return false;
}

/* Sets the field update_mask of a message that has one to these names. */
static inline void pb_mask_fill(struct arena *a, const struct pb_message *schema,
                                ProtobufCMessage *m, const char *const *names, size_t n)
{
	for (unsigned i = 0; i < schema->descriptor->n_fields; i++) {
		void          *place = (char *)m + schema->descriptor->fields[i].offset;
		pb_field_mask *mask;

		if (strcmp(schema->fields[i].name, "update_mask") != 0)
			continue;
		mask = arena_alloc(a, sizeof *mask);
		pb_field_mask_init(mask);
		mask->paths = arena_alloc(a, (n + 1) * sizeof *mask->paths);
		for (size_t k = 0; k < n; k++)
			mask->paths[mask->n_paths++] = arena_cstr(a, str_c(names[k]));
		*(pb_field_mask **)place = mask;
	}
}

#endif
