#include "services/channels/action.h"

#include "services/channels/channel.h"
#include "services/channels/channels.h"

struct work {
	struct channels        *app;
	struct channels_action *action;
	str                     name;
	int64_t                 about_id;
	channels_channel       *channel;
};

static bool is_admin(const struct rpc_call *call)
{
	return identity_has_role(&call->who, STR("admin"));
}

/* Nothing else is told of a channel that the caller may not see. */
static status check_seen(const struct channels_standing *s)
{
	return channels_standing_sees(s) ? STATUS_OK : channels_channel_not_found();
}

static status look(struct work *w)
{
	struct channels_action *a = w->action;

	TRY(channels_standing_read(w->app, &a->call->arena, w->name, 0,
	                           channels_channel_viewer(a->call), &a->caller));
	a->caller.is_admin = is_admin(a->call);
	return check_seen(&a->caller);
}

/* All faulty fields are told at once. */
static status check_fields(struct channels_action *a)
{
	const status withheld = rpc_call_reveal(a->call);
	status       st = STATUS_OK;

	if (withheld.code == CODE_UNAUTHENTICATED)
		return withheld;
	if (a->check)
		st = a->check(a);
	TRY(withheld);
	return st;
}

static status find_people(struct work *w)
{
	struct channels_action *a = w->action;
	struct rpc_call        *call = a->call;
	char                   *name;

	if (a->holds_caller)
		TRY(people_names(&w->app->people, call, &call->who.account_id, 1, &name));
	if (a->pseudo)
		TRY(people_find_one(&w->app->people, call, a->pseudo, &w->about_id));
	return STATUS_OK;
}

static status hold_people(struct db_tx *tx, const struct work *w)
{
	const struct channels_action *a = w->action;
	bool                          is_there;

	if (a->holds_caller) {
		TRY(people_hold(tx, &w->app->people, &a->call->who.account_id, 1, &is_there));
		if (!is_there)
			return status_error(CODE_PERMISSION_DENIED, "the session was ended");
	}
	if (a->holds_about) {
		TRY(people_hold(tx, &w->app->people, &w->about_id, 1, &is_there));
		if (!is_there)
			return status_error(CODE_NOT_FOUND, "no account of that name");
	}
	return STATUS_OK;
}

static status act(struct db_tx *tx, void *arg)
{
	struct work            *w = arg;
	struct channels_action *a = w->action;
	const int64_t           caller_id = a->call->who.account_id;
	int64_t                 id;
	struct db_rows         *rows;

	TRY(hold_people(tx, w));
	TRY(channels_standing_lock(tx, w->name, &id));
	TRY(channels_standing_get(tx, id, caller_id, &a->caller));
	a->caller.is_admin = is_admin(a->call);
	TRY(check_seen(&a->caller));
	if (a->pseudo)
		TRY(channels_standing_get(tx, id, w->about_id, &a->about));
	TRY(a->body(tx, a));
	if (w->channel == NULL)
		return STATUS_OK;
	TRY(db_tx_query(tx, channels_channel_select, DB_ARGS(DB_TEXT(w->name), DB_I64(caller_id)),
	                &rows));
	return channels_channel_read(a->call, rows, 0, w->channel);
}

status channels_action_run(struct channels *app, struct channels_action *a,
                           channels_channel *out_channel)
{
	struct work w = {.app = app,
	                 .action = a,
	                 .name = channels_channel_fold(a->name, &a->call->arena),
	                 .channel = out_channel};

	TRY(look(&w));
	TRY(check_fields(a));
	TRY(find_people(&w));
	return db_tx_run(app->db, &a->call->arena, act, &w);
}
