#include "services/channels/ceiling.h"

enum { CEILING = 1000 };

/* channel, how many to pass over: a row when there are more. */
#define BEYOND(table, condition)                                                                   \
	"SELECT account_id FROM channels." table " WHERE channel_id = $1" condition                \
	" OFFSET $2 LIMIT 1"

DB_QUERY(select_moderators, BEYOND("members", " AND role = 'moderator'"));
DB_QUERY(select_voices, BEYOND("members", " AND has_voice"));
DB_QUERY(select_invited, BEYOND("invitations", ""));
DB_QUERY(select_banned, BEYOND("bans", ""));

static const struct {
	const struct db_query *beyond;
	const char            *refusal;
} lists[] = {
        [CHANNELS_CEILING_MODERATORS] = {&select_moderators,
                                         "the channel has 1000 moderators; remove one first"},
        [CHANNELS_CEILING_VOICES] = {&select_voices,
                                     "1000 members have a voice; take one back first"},
        [CHANNELS_CEILING_INVITED] = {&select_invited,
                                      "1000 invitations are open; take one back first"},
        [CHANNELS_CEILING_BANNED] = {&select_banned, "1000 are banned; lift a ban first"},
};

status channels_ceiling_check(struct db_tx *tx, int64_t channel_id, enum channels_ceiling_list list)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, lists[list].beyond, DB_ARGS(DB_I64(channel_id), DB_I64(CEILING - 1)),
	                &rows));
	if (db_rows_count(rows) > 0)
		return status_error(CODE_FAILED_PRECONDITION, lists[list].refusal);
	return STATUS_OK;
}
