#include "canaduck/users/v1/users.server.h"

#include "auth/token.h"
#include "base/clock.h"
#include "db/db.h"
#include "pb/timestamp.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/caller.h"
#include "services/users/users.h"

enum { US_PER_S = 1000000 };

DB_QUERY(select_account,
         "SELECT " USERS_ACCOUNT_COLUMNS
         "  FROM users.sessions AS s JOIN users.accounts AS a ON a.id = s.account_id"
         " WHERE s.id = $2 AND s.account_id = $1");

status users_check_auth(struct users *app, struct rpc_call *call,
                        const users_check_auth_request *req,
                        users_check_auth_response      *out_response)
{
	struct token_claims  claims;
	struct db_rows      *rows;
	struct users_account account;

	TRY(token_verify(str_c(app->cfg->jwt_secret), str_c(req->token), clock_wall_us() / US_PER_S,
	                 &call->arena, &claims));
	TRY(db_read(app->db, &call->arena, &select_account,
	            DB_ARGS(DB_I64(claims.account_id), DB_I64(claims.session_id)), &rows));
	if (db_rows_count(rows) == 0)
		return users_caller_session_ended();
	users_account_read(rows, 0, &account);
	out_response->account_id = account.id;
	out_response->session_id = claims.session_id;
	out_response->pseudo = account.pseudo;
	out_response->roles = users_account_role_list(&account, &call->arena);
	out_response->n_roles = account.n_roles;
	out_response->expire_time =
	        pb_timestamp_from_us(&call->arena, claims.expire_time * US_PER_S);
	return STATUS_OK;
}
