#include "services/channels/ownership.h"

#include "services/channels/events.h"
#include "services/channels/member.h"

DB_QUERY(update_version, "UPDATE channels.channels SET version = version + 1 WHERE id = $1");

status channels_ownership_pass(struct db_tx *tx, int64_t channel_id, int64_t from_id, int64_t to_id)
{
	TRY(channels_member_set_role(tx, channel_id, from_id, CHANNELS_ROLE_MODERATOR));
	TRY(channels_member_set_role(tx, channel_id, to_id, CHANNELS_ROLE_OWNER));
	TRY(db_tx_query(tx, &update_version, DB_ARGS(DB_I64(channel_id)), NULL));
	return channels_events_changed(tx, channel_id);
}
