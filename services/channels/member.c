#include "services/channels/member.h"

#include "services/channels/events.h"

/* The clock, not the transaction's beginning: who waited for the channel comes later. */
DB_QUERY(update_role, "UPDATE channels.members SET role = $3, role_time = clock_timestamp()"
                      " WHERE channel_id = $1 AND account_id = $2");
DB_QUERY(update_voice, "UPDATE channels.members SET has_voice = $3"
                       " WHERE channel_id = $1 AND account_id = $2");

static const char *const role_names[] = {
        [CHANNELS_ROLE_MEMBER] = "member",
        [CHANNELS_ROLE_MODERATOR] = "moderator",
        [CHANNELS_ROLE_OWNER] = "owner",
};

status channels_member_check(const struct channels_standing *about)
{
	if (about->role == CHANNELS_ROLE_UNSPECIFIED)
		return status_error(CODE_FAILED_PRECONDITION, "is not in the channel");
	return STATUS_OK;
}

status channels_member_set_role(struct db_tx *tx, int64_t channel_id, int64_t account_id,
                                channels_membership_role role)
{
	TRY(db_tx_query(tx, &update_role,
	                DB_ARGS(DB_I64(channel_id), DB_I64(account_id), DB_CSTR(role_names[role])),
	                NULL));
	return channels_events_member_changed(tx, channel_id, account_id);
}

status channels_member_set_voice(struct db_tx *tx, int64_t channel_id, int64_t account_id,
                                 bool has_voice)
{
	TRY(db_tx_query(tx, &update_voice,
	                DB_ARGS(DB_I64(channel_id), DB_I64(account_id), DB_BOOL(has_voice)), NULL));
	return channels_events_member_changed(tx, channel_id, account_id);
}
