#include "services/users/revocation.h"

#include "services/users/events.h"

/* Clocks of services and edges may differ by this much. */
#define MARGIN " + interval '1 minute'"

/* clang-format off */
DB_QUERY(delete_session,
         "WITH ended AS ("
         "  DELETE FROM users.sessions WHERE account_id = $1 AND id = $2"
         "  RETURNING access_expire_time"
         ")"
         "INSERT INTO users.revocations (account_id, session_id, expire_time)"
         " SELECT $1, $2, access_expire_time" MARGIN " FROM ended"
         " RETURNING extract(epoch FROM expire_time)::int8");

/* The next session's number is taken out of use: all from before are below it. */
DB_QUERY(delete_sessions,
         "WITH ended AS ("
         "  DELETE FROM users.sessions WHERE account_id = $1 AND id <> $2"
         "  RETURNING access_expire_time"
         ")"
         "INSERT INTO users.revocations AS r"
         "  (account_id, session_id, ended_below, kept_session_id, expire_time)"
         " SELECT $1, 0, nextval(pg_get_serial_sequence('users.sessions', 'id')), $2,"
         "        coalesce(max(access_expire_time), now())" MARGIN " FROM ended"
         " ON CONFLICT (account_id, session_id) DO UPDATE"
         " SET ended_below = excluded.ended_below, kept_session_id = excluded.kept_session_id,"
         "     expire_time = greatest(r.expire_time, excluded.expire_time)"
         " RETURNING ended_below, extract(epoch FROM expire_time)::int8");

DB_QUERY(upsert_roles,
         "INSERT INTO users.revocations AS r"
         "  (account_id, session_id, roles, roles_version, expire_time)"
         " SELECT $1, 0, $2::text[], $3, coalesce(max(access_expire_time), now())" MARGIN
         "   FROM users.sessions WHERE account_id = $1"
         " ON CONFLICT (account_id, session_id) DO UPDATE"
         " SET roles = excluded.roles, roles_version = excluded.roles_version,"
         "     expire_time = greatest(r.expire_time, excluded.expire_time)"
         " RETURNING extract(epoch FROM expire_time)::int8");
/* clang-format on */

/* Whoever adds one takes away a few that are over: the table does not grow for ever. */
DB_QUERY(prune, "DELETE FROM users.revocations WHERE (account_id, session_id) IN ("
                "  SELECT account_id, session_id FROM users.revocations"
                "   WHERE expire_time < now() ORDER BY expire_time LIMIT 16"
                "   FOR UPDATE SKIP LOCKED)");

static status tell(struct db_tx *tx, struct rpc_call *call, const struct rpc_session_change *change)
{
	rpc_call_session_changed(call, change);
	return users_events_sessions_changed(tx, change);
}

status users_revocation_end(struct db_tx *tx, struct rpc_call *call, int64_t account_id,
                            int64_t session_id)
{
	struct rpc_session_change change = {.account_id = account_id, .session_id = session_id};
	struct db_rows           *rows;

	TRY(db_tx_query(tx, &prune, DB_NO_ARGS, NULL));
	TRY(db_tx_query(tx, &delete_session, DB_ARGS(DB_I64(account_id), DB_I64(session_id)),
	                &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no such session");
	change.expire_time = db_rows_i64(rows, 0, 0);
	return tell(tx, call, &change);
}

status users_revocation_end_all(struct db_tx *tx, struct rpc_call *call, int64_t account_id,
                                int64_t kept_session_id)
{
	struct rpc_session_change change = {.account_id = account_id,
	                                    .kept_session_id = kept_session_id};
	struct db_rows           *rows;

	TRY(db_tx_query(tx, &prune, DB_NO_ARGS, NULL));
	TRY(db_tx_query(tx, &delete_sessions, DB_ARGS(DB_I64(account_id), DB_I64(kept_session_id)),
	                &rows));
	change.ended_below = db_rows_i64(rows, 0, 0);
	change.expire_time = db_rows_i64(rows, 0, 1);
	return tell(tx, call, &change);
}

status users_revocation_set_roles(struct db_tx *tx, struct rpc_call *call, int64_t account_id,
                                  const str *roles, size_t n_roles, int64_t version)
{
	struct rpc_session_change change = {.account_id = account_id,
	                                    .roles = roles,
	                                    .n_roles = n_roles,
	                                    .roles_version = version};
	struct db_rows           *rows;

	TRY(db_tx_query(tx, &prune, DB_NO_ARGS, NULL));
	TRY(db_tx_query(tx, &upsert_roles,
	                DB_ARGS(DB_I64(account_id), DB_TEXTS(roles, n_roles), DB_I64(version)),
	                &rows));
	change.expire_time = db_rows_i64(rows, 0, 0);
	return tell(tx, call, &change);
}
