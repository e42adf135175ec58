#include "services/channels/change.h"

#include "services/channels/channels.h"
#include "services/channels/events.h"

DB_QUERY(update_channel, "UPDATE channels.channels"
                         "   SET topic = $2, modes = $3, version = version + 1 WHERE id = $1");

static status check_fields(struct channels_action *a)
{
	const struct channels_change *change = a->req;

	if (change->needs_topic && !change->topic)
		return rpc_call_invalid(a->call, "topic", "must be there");
	if (change->mode && !channels_mode_parse(str_c(change->mode), a->plan))
		return rpc_call_invalid(a->call, "mode",
		                        "must be signs and letters of r p m t n, such as +r");
	return STATUS_OK;
}

static status check_topic_right(const struct channels_standing *s)
{
	if (channels_mode_is_on(s->modes, 't') || s->role == CHANNELS_ROLE_UNSPECIFIED)
		return channels_standing_check_governs(s);
	return STATUS_OK;
}

static status check_mode_right(const struct channels_standing *s, str modes)
{
	TRY(channels_standing_check_governs(s));
	if (channels_mode_is_on(s->modes, 'p') != channels_mode_is_on(modes, 'p'))
		return channels_standing_check_owns(s);
	return STATUS_OK;
}

static status apply(struct db_tx *tx, struct channels_action *a)
{
	const struct channels_change   *change = a->req;
	const struct channels_standing *s = &a->caller;
	str                             topic = s->topic, modes = s->modes;

	if (!change->topic && !change->mode)
		return channels_standing_check_governs(s);
	if (change->topic) {
		topic = str_c(change->topic);
		TRY(check_topic_right(s));
	}
	if (change->mode) {
		modes = channels_mode_apply(s->modes, *(struct channels_mode_change *)a->plan,
		                            db_tx_arena(tx));
		TRY(check_mode_right(s, modes));
	}
	if (str_eq(topic, s->topic) && str_eq(modes, s->modes))
		return STATUS_OK;
	TRY(db_tx_query(tx, &update_channel,
	                DB_ARGS(DB_I64(s->channel_id), DB_TEXT(topic), DB_TEXT(modes)), NULL));
	return channels_events_changed(tx, s->channel_id);
}

status channels_change_run(struct channels *app, struct rpc_call *call, const char *name,
                           const struct channels_change *change, channels_channel *out_channel)
{
	struct channels_mode_change modes = {0, 0};
	struct channels_action      a = {.call = call,
	                                 .name = name,
	                                 .req = change,
	                                 .check = check_fields,
	                                 .plan = &modes,
	                                 .body = apply};

	return channels_action_run(app, &a, out_channel);
}
