#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/caller.h"
#include "services/users/users.h"

enum { DEFAULT_LIMIT = 10000 };

/* clang-format off */
/* A list of pictures that are data URIs would be huge: such a row is not even read whole. */
#define LISTED                                                                                     \
	"(SELECT id, pseudo, email, status, created_time, updated_time, last_seen_time, version,"  \
	"        CASE WHEN left(profile_picture, 5) <> 'data:' THEN profile_picture END"           \
	"          AS profile_picture"                                                             \
	"   FROM users.accounts) AS a"
/* clang-format on */

DB_QUERY(select_last, "SELECT " USERS_ACCOUNT_COLUMNS " FROM " LISTED
                      " WHERE a.id < $1 AND a.id > $2 ORDER BY a.id DESC LIMIT $3 OFFSET $4");

/* Going forward, a page starts next to its cursor; the greatest number comes first all the same. */
DB_QUERY(select_next, "SELECT " USERS_ACCOUNT_COLUMNS " FROM " LISTED
                      " WHERE a.id IN (SELECT id FROM users.accounts"
                      "                 WHERE id < $1 AND id > $2"
                      "                 ORDER BY id LIMIT $3 OFFSET $4)"
                      " ORDER BY a.id DESC");

static status select_page(struct users *app, struct rpc_call *call,
                          const users_list_users_request *req, struct db_rows **out_rows)
{
	bool    has_before = users_list_users_request_has_before(req);
	bool    has_after = users_list_users_request_has_after(req);
	int64_t limit = users_list_users_request_has_limit(req) ? req->limit : DEFAULT_LIMIT;
	int64_t offset = users_list_users_request_has_offset(req) ? req->offset : 0;

	return db_read_slow(
	        app->db, &call->arena, has_after && !has_before ? &select_next : &select_last,
	        DB_ARGS(DB_I64(has_before ? req->before : INT64_MAX),
	                DB_I64(has_after ? req->after : 0), DB_I64(limit), DB_I64(offset)),
	        out_rows);
}

status users_list_users(struct users *app, struct rpc_call *call,
                        const users_list_users_request *req,
                        users_list_users_response      *out_response)
{
	struct db_rows *rows;
	size_t          n;

	TRY(users_caller_read_admin(app, call));
	TRY(select_page(app, call, req, &rows));
	n = db_rows_count(rows);
	out_response->users = arena_alloc(&call->arena, (n + 1) * sizeof *out_response->users);
	out_response->n_users = n;
	for (size_t i = 0; i < n; i++) {
		struct users_account account;

		users_account_read(rows, i, &account);
		out_response->users[i] = users_account_user(&account, &call->arena);
	}
	return STATUS_OK;
}
