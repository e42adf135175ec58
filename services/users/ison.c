#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/presence.h"
#include "services/users/users.h"

enum { MAX_NAMES = 200 };

DB_QUERY(select_connected, "SELECT pseudo FROM users.accounts"
                           " WHERE pseudo = ANY($1::text[]) AND " USERS_PRESENCE_IS_CONNECTED
                           " ORDER BY array_position($1::text[], pseudo)");

/* Takes the lists apart, "a,b" and "c"; *out_count may be larger than MAX_NAMES by one. */
static const str *read_names(const users_ison_request *req, struct arena *a, size_t *out_count)
{
	str   *names = arena_alloc(a, (MAX_NAMES + 1) * sizeof *names);
	size_t n = 0;

	for (size_t i = 0; i < req->n_users; i++) {
		str rest = str_c(req->users[i]), name;

		while (n <= MAX_NAMES && str_next(&rest, ',', &name))
			if (str_trim(name).len > 0)
				names[n++] = users_account_fold(str_trim(name), a);
	}
	*out_count = n;
	return names;
}

status users_ison(struct users *app, struct rpc_call *call, const users_ison_request *req,
                  users_ison_response *out_response)
{
	struct db_rows *rows;
	size_t          n;
	const str      *names = read_names(req, &call->arena, &n);

	if (n == 0)
		return rpc_call_invalid(call, "users", "is required");
	if (n > MAX_NAMES)
		return rpc_call_invalid(call, "users", "must have at most 200 items");
	TRY(db_read(app->db, &call->arena, &select_connected, DB_ARGS(DB_TEXTS(names, n)), &rows));
	out_response->n_pseudos = db_rows_count(rows);
	out_response->pseudos = arena_alloc(&call->arena, (out_response->n_pseudos + 1) *
	                                                          sizeof *out_response->pseudos);
	for (size_t i = 0; i < out_response->n_pseudos; i++)
		out_response->pseudos[i] = db_rows_cstr(rows, i, 0);
	return STATUS_OK;
}
