/*
 * Design notes. A row is one key's times of the last window, oldest first and never more than the
 * limit: so one statement counts, decides and adds, under the lock of the row. Rows that are over
 * are taken away by whoever adds one.
 */
#include "services/users/throttle.h"

#include "auth/secret.h"

enum { KEY_BYTES = 32, LOGIN_WINDOW_S = 15 * 60, NAME_LIMIT = 10, ADDRESS_LIMIT = 100 };
enum { REGISTER_WINDOW_S = 60 * 60 };

/* clang-format off */
#define WINDOW(n)     "make_interval(secs => $" n "::int8)"
#define RECENT(times, n)                                                                           \
	"ARRAY(SELECT x FROM unnest(" times ") AS x"                                               \
	"       WHERE x > clock_timestamp() - " WINDOW(n) " ORDER BY x)"
/* When the oldest of as many as are allowed is over. */
#define SECONDS_LEFT(times, limit, n)                                                              \
	"greatest(1, ceil(extract(epoch FROM " times "[greatest(1, cardinality(" times ") - "      \
	limit " + 1)] + " WINDOW(n) " - clock_timestamp())))::int8"

/* key, limit, seconds */
DB_QUERY(take,
         "INSERT INTO users.throttles AS t (key, times, is_taken, expire_time)"
         " VALUES ($1, ARRAY[clock_timestamp()], true, clock_timestamp() + " WINDOW("3") ")"
         " ON CONFLICT (key) DO UPDATE SET (times, is_taken, expire_time) = ("
         "   SELECT CASE WHEN cardinality(recent) < $2"
         "          THEN recent || clock_timestamp() ELSE recent END,"
         "          cardinality(recent) < $2, clock_timestamp() + " WINDOW("3")
         "     FROM (SELECT " RECENT("t.times", "3") " AS recent) AS counted)"
         " RETURNING is_taken, " SECONDS_LEFT("times", "$2::int4", "3"));

/* two keys, their limits, seconds: the one that takes longer */
DB_QUERY(select_full,
         "SELECT lim, " SECONDS_LEFT("recent", "lim", "5") " AS seconds_left"
         "  FROM (SELECT CASE WHEN key = $1 THEN $3::int4 ELSE $4::int4 END AS lim,"
         "               " RECENT("times", "5") " AS recent"
         "          FROM users.throttles WHERE key IN ($1, $2)) AS counted"
         " WHERE cardinality(recent) >= lim"
         " ORDER BY seconds_left DESC LIMIT 1");

DB_QUERY(prune, "DELETE FROM users.throttles WHERE key IN ("
                "  SELECT key FROM users.throttles WHERE expire_time < clock_timestamp()"
                "   ORDER BY expire_time LIMIT 16 FOR UPDATE SKIP LOCKED)");
/* clang-format on */

/* What was typed for a name may be a password: the table holds no text. */
static str key_of(struct arena *a, const char *what, str address, str name)
{
	const char *text = arena_printf(a, "%s %.*s %.*s", what, STR_ARG(address), STR_ARG(name));
	uint8_t    *key = arena_alloc(a, KEY_BYTES);

	secret_hash(str_c(text), key);
	return (str){(const char *)key, KEY_BYTES};
}

static str name_key(struct rpc_call *call, str name)
{
	return key_of(&call->arena, "login", call->client_address, name);
}

static str address_key(struct rpc_call *call)
{
	return key_of(&call->arena, "address", call->client_address, STR(""));
}

static status refuse(struct rpc_call *call, int64_t limit, int64_t seconds)
{
	return rpc_call_too_often(call, (uint32_t)limit, (uint32_t)seconds,
	                          "too many tries, come back later");
}

static struct db_args full_args(struct rpc_call *call, str name)
{
	struct db_arg *args = arena_alloc(&call->arena, 5 * sizeof *args);

	args[0] = DB_BYTES(name_key(call, name));
	args[1] = DB_BYTES(address_key(call));
	args[2] = DB_I64(NAME_LIMIT);
	args[3] = DB_I64(ADDRESS_LIMIT);
	args[4] = DB_I64(LOGIN_WINDOW_S);
	return (struct db_args){args, 5};
}

static status judge(struct rpc_call *call, const struct db_rows *rows)
{
	if (db_rows_count(rows) == 0)
		return STATUS_OK;
	return refuse(call, db_rows_i64(rows, 0, 0), db_rows_i64(rows, 0, 1));
}

status users_throttle_check(struct users *app, struct rpc_call *call, str name)
{
	struct db_rows *rows;

	TRY(db_read(app->db, &call->arena, &select_full, full_args(call, name), &rows));
	return judge(call, rows);
}

status users_throttle_check_again(struct db_tx *tx, struct rpc_call *call, str name)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &select_full, full_args(call, name), &rows));
	return judge(call, rows);
}

/* ---- counting ---- */

struct attempt {
	struct rpc_call *call;
	str              keys[2]; /* of a name and of its address, always in this order */
	int64_t          limits[2];
	unsigned         n_keys;
	int64_t          window_s;
	bool             is_taken;
	int64_t          full_limit, seconds_left;
};

/* A try that one of them refuses counts in those before it: committed all the same. */
static status count(struct db_tx *tx, void *arg)
{
	struct attempt *t = arg;
	struct db_rows *rows;

	TRY(db_tx_query(tx, &prune, DB_NO_ARGS, NULL));
	t->is_taken = true;
	for (unsigned i = 0; i < t->n_keys && t->is_taken; i++) {
		TRY(db_tx_query(
		        tx, &take,
		        DB_ARGS(DB_BYTES(t->keys[i]), DB_I64(t->limits[i]), DB_I64(t->window_s)),
		        &rows));
		t->is_taken = db_rows_bool(rows, 0, 0);
		t->full_limit = t->limits[i];
		t->seconds_left = db_rows_i64(rows, 0, 1);
	}
	return STATUS_OK;
}

static status run(struct users *app, struct attempt *t)
{
	TRY(db_tx_run(app->db, &t->call->arena, count, t));
	if (t->is_taken)
		return STATUS_OK;
	return refuse(t->call, t->full_limit, t->seconds_left);
}

status users_throttle_fail(struct users *app, struct rpc_call *call, str name)
{
	struct attempt t = {.call = call,
	                    .keys = {name_key(call, name), address_key(call)},
	                    .limits = {NAME_LIMIT, ADDRESS_LIMIT},
	                    .n_keys = 2,
	                    .window_s = LOGIN_WINDOW_S};

	return run(app, &t);
}

status users_throttle_register(struct users *app, struct rpc_call *call)
{
	struct attempt t = {
	        .call = call,
	        .keys = {key_of(&call->arena, "register", call->client_address, STR(""))},
	        .limits = {app->cfg->register_limit},
	        .n_keys = 1,
	        .window_s = REGISTER_WINDOW_S};

	return app->cfg->register_limit ? run(app, &t) : STATUS_OK;
}
