#include "services/users/patch.h"

#include "auth/password.h"
#include "services/users/caller.h"
#include "services/users/change.h"
#include "services/users/events.h"
#include "services/users/revocation.h"
#include "services/users/role.h"
#include "services/users/session.h"
#include "services/users/taken.h"

DB_QUERY(update_account, "UPDATE users.accounts"
                         "   SET pseudo = coalesce($2, pseudo), email = coalesce($3, email),"
                         "       password_hash = coalesce($4, password_hash),"
                         "       profile_picture = CASE WHEN $5 THEN $6 ELSE profile_picture END,"
                         "       version = version + 1, updated_time = now()"
                         " WHERE id = $1");

struct work {
	struct users             *app;
	struct rpc_call          *call;
	const struct users_patch *patch;
	str                       pseudo, password_hash; /* empty: stays */
	bool                      is_own, is_admin;
	struct users_account      account;
	struct users_session_pair pair;
};

/* A text that is there and empty passed the rules of its field, since it may be left out. */
static status check(struct work *w)
{
	const struct users_patch *p = w->patch;
	status                    st = STATUS_OK;

	if (p->email && *p->email == '\0')
		st = rpc_call_invalid(w->call, "email", "must be an e-mail address");
	if (p->pseudo && *p->pseudo == '\0')
		st = rpc_call_invalid(w->call, "pseudo", "must be 3 to 32 of a-z 0-9 _ . -");
	if (p->password && *p->password == '\0')
		st = rpc_call_invalid(w->call, "password", "must be at least 8 characters");
	if (p->role && !users_role_parse(p->role, &w->is_admin))
		st = rpc_call_invalid(w->call, "role", "must be ROLE_USER or ROLE_ADMIN");
	return st;
}

static status prepare(struct work *w)
{
	const struct users_patch *p = w->patch;

	TRY(check(w));
	if (p->pseudo) {
		w->pseudo = users_account_fold(str_c(p->pseudo), &w->call->arena);
		TRY(users_taken_check_reserved(w->call, w->pseudo));
	}
	if (p->password)
		TRY(password_hash(w->app->offload, &w->app->password_cost, str_c(p->password),
		                  &w->call->arena, &w->password_hash));
	return STATUS_OK;
}

static status lock(struct db_tx *tx, struct work *w)
{
	if (w->patch->needs_admin)
		TRY(users_caller_check_admin(tx, w->call));
	if (w->is_own)
		return users_caller_lock(tx, w->call, &w->account);
	return users_account_lock(tx, w->patch->account_id, &w->account);
}

static struct db_arg text_or_null(str s)
{
	return s.len ? DB_TEXT(s) : DB_NULL;
}

static status update(struct db_tx *tx, struct work *w)
{
	const struct users_patch *p = w->patch;
	const char               *picture = p->picture && *p->picture ? p->picture : NULL;

	if (!p->pseudo && !p->email && !p->password && !p->sets_picture)
		return STATUS_OK;
	TRY(db_tx_query(tx, &update_account,
	                DB_ARGS(DB_I64(w->account.id), text_or_null(w->pseudo),
	                        DB_CSTR_OR_NULL(p->email), text_or_null(w->password_hash),
	                        DB_BOOL(p->sets_picture), DB_CSTR_OR_NULL(picture)),
	                NULL));
	TRY(users_account_get(tx, w->account.id, &w->account));
	return users_events_account_changed(tx, &w->account);
}

static status apply(struct db_tx *tx, void *arg)
{
	struct work *w = arg;

	TRY(lock(tx, w));
	TRY(update(tx, w));
	if (w->patch->role)
		TRY(users_role_set(tx, w->call, &w->account, "admin", w->is_admin));
	if (w->patch->password)
		TRY(users_revocation_end_all(tx, w->call, w->account.id,
		                             w->is_own ? w->call->who.session_id : 0));
	if (w->is_own)
		return users_session_renew(w->app, w->call, tx, &w->account, &w->pair);
	return STATUS_OK;
}

static void fill(struct work *w, users_update_user_response *out_response)
{
	struct arena *a = &w->call->arena;

	if (!w->is_own)
		w->pair =
		        (struct users_session_pair){arena_cstr(a, STR("")), arena_cstr(a, STR(""))};
	out_response->user = users_account_user(&w->account, a);
	out_response->tokens = users_session_tokens(&w->pair, a);
}

status users_patch_run(struct users *app, struct rpc_call *call, const struct users_patch *patch,
                       users_update_user_response *out_response)
{
	struct work w = {.app = app,
	                 .call = call,
	                 .patch = patch,
	                 .is_own = patch->account_id == call->who.account_id};
	status      st;

	TRY(prepare(&w));
	st = users_change_run(app, call, apply, &w);
	if (st.code == CODE_ALREADY_EXISTS)
		return users_taken_explain(app, call, patch->account_id, w.pseudo,
		                           patch->email ? str_c(patch->email) : STR(""));
	TRY(st);
	fill(&w, out_response);
	return STATUS_OK;
}
