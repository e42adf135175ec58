/*
 * pb/validate.h - the rules of canaduck.api.v1.field, checked in one place.
 */
#ifndef PB_VALIDATE_H
#define PB_VALIDATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "pb/schema.h"

struct pb_violation {
	const char *field;  /* path in public names: "points.0.lat" */
	const char *reason; /* "must be an e-mail address" */
};

enum { PB_MAX_VIOLATIONS = 50 };

struct pb_violations {
	struct arena       *arena; /* holds what is listed */
	struct pb_violation items[PB_MAX_VIOLATIONS];
	unsigned            count; /* further ones are dropped */
};

/* Adds one; field and reason are copied into the arena. */
void pb_violations_add(struct pb_violations *v, const char *field, const char *reason);

/*
 * Lists every field of m, nested ones too, that breaks a rule; true if there was none. An absent
 * field, and an empty string, list or map, is checked against `required` only; an implicit number
 * is never absent, but zero is not what `required` asks for. Rules on a repeated field hold for
 * each item; those on a map for the number of its entries.
 */
bool pb_validate(const ProtobufCMessage *m, const struct pb_message *schema,
                 struct pb_violations *violations);

/*
 * The forms by themselves. A pseudo or channel name may have its one leading @ or #. An e-mail
 * address is ASCII, unquoted, of a domain with a dot. A URL is ASCII and without a user.
 */
bool pb_is_email(str s);
bool pb_is_pseudo(str s);
bool pb_is_channel(str s);
bool pb_is_picture(str s);

#endif
