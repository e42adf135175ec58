#include "canaduck/users/v1/users.server.h"

#include "base/clock.h"
#include "canaduck/channels/v1/channels.rpc.h"
#include "db/db.h"
#include "log/log.h"
#include "pb/timestamp.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/avatar.h"
#include "services/users/users.h"

DB_QUERY(select_account,
         "SELECT " USERS_ACCOUNT_COLUMNS " FROM users.accounts AS a WHERE a.pseudo = $1");

/*
 * Who somebody is does not depend on the channels service: without it the list is empty. One that
 * does not answer may take half of the time that is left.
 */
static void list_channels(struct users *app, struct rpc_call *call, int64_t account_id,
                          users_whois_response *out_response)
{
	channels_list_by_account_request   req;
	channels_list_by_account_response *answer;
	int64_t                            deadline_ns = call->deadline_ns;
	status                             st;

	channels_list_by_account_request_init(&req);
	req.account_id = account_id;
	req.viewer_id = call->who.kind == IDENTITY_ACCOUNT ? call->who.account_id : 0;
	call->deadline_ns -= (deadline_ns - clock_now_ns()) / 2;
	st = channels_client_list_by_account(app->channels, call, &req, &answer);
	call->deadline_ns = deadline_ns;
	if (st.code != CODE_OK) {
		log_warn("whois answers without channels", LOG_STR("request_id", call->request_id),
		         LOG_CODE(st), LOG_REASON(st));
		return;
	}
	out_response->channels = answer->names;
	out_response->n_channels = answer->n_names;
}

status users_whois(struct users *app, struct rpc_call *call, const users_whois_request *req,
                   users_whois_response *out_response)
{
	struct db_rows      *rows;
	struct users_account account;
	str                  pseudo = users_account_fold(str_c(req->pseudo), &call->arena);

	TRY(db_read(app->db, &call->arena, &select_account, DB_ARGS(DB_TEXT(pseudo)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no account of that name");
	users_account_read(rows, 0, &account);
	out_response->pseudo = account.pseudo;
	out_response->status = account.status;
	out_response->roles = users_account_role_list(&account, &call->arena);
	out_response->n_roles = account.n_roles;
	out_response->last_seen = pb_timestamp_from_us(&call->arena, account.last_seen_us);
	out_response->avatar = users_avatar(&account, &call->arena);
	list_channels(app, call, account.id, out_response);
	return STATUS_OK;
}
