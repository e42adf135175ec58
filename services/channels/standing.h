/*
 * channels/standing.h - where an account stands in a channel, and what it may do for that.
 */
#ifndef SERVICES_CHANNELS_STANDING_H
#define SERVICES_CHANNELS_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include "canaduck/channels/v1/events.schema.h"
#include "db/db.h"
#include "rpc/call.h"
#include "services/channels/mode.h"

struct channels;

struct channels_standing {
	int64_t                  channel_id, account_id; /* the latter 0: anonymous */
	str                      name, topic, modes;     /* of the channel */
	channels_membership_role role;
	bool                     has_voice, is_invited, is_banned;
	bool                     is_admin; /* of all, as the asker says */
};

/* SQL: what channels_standing_take() wants of channels that a condition on c picks, for account $1.
 */
#define CHANNELS_STANDING_SELECT                                                                   \
	"SELECT c.id, c.name, c.topic, c.modes, m.role, coalesce(m.has_voice, false),"             \
	" EXISTS (SELECT FROM channels.invitations AS x"                                           \
	"          WHERE x.channel_id = c.id AND x.account_id = $1),"                              \
	" EXISTS (SELECT FROM channels.bans AS x"                                                  \
	"          WHERE x.channel_id = c.id AND x.account_id = $1)"                               \
	" FROM channels.channels AS c"                                                             \
	" LEFT JOIN channels.members AS m ON m.channel_id = c.id AND m.account_id = $1"            \
	" WHERE "

/* Fills it from a row; it is no administrator's. */
void channels_standing_take(const struct db_rows *rows, size_t row, int64_t account_id,
                            struct channels_standing *out_standing);

/* By the name, folded, or where that is empty by the number. NOT_FOUND when there is none. */
must_check status channels_standing_read(struct channels *app, struct arena *a, str name,
                                         int64_t channel_id, int64_t account_id,
                                         struct channels_standing *out_standing);

/*
 * Locks the channel until the transaction's end, so that nobody comes, goes or changes what it is
 * meanwhile. NOT_FOUND when there is none.
 */
must_check status channels_standing_lock(struct db_tx *tx, str name, int64_t *out_channel_id);

/* The same as read, within a transaction that locked the channel before. */
must_check status channels_standing_get(struct db_tx *tx, int64_t channel_id, int64_t account_id,
                                        struct channels_standing *out_standing);

/* May know that the channel is there. */
bool channels_standing_sees(const struct channels_standing *s);

/* May read what is written in it: administrators see more than they read. */
bool channels_standing_reads(const struct channels_standing *s);

/* Owner, moderator or administrator. */
bool channels_standing_governs(const struct channels_standing *s);

/* Owner or administrator. */
bool channels_standing_owns(const struct channels_standing *s);

/* Why the account may not write; NULL when it may. */
const char *channels_standing_why_silent(const struct channels_standing *s);

/* What whoever does not govern, or own, the channel is told. */
must_check status channels_standing_check_governs(const struct channels_standing *s);
must_check status channels_standing_check_owns(const struct channels_standing *s);

#endif
