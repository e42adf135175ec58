/*
 * people/people.h - what a service knows of the accounts that its rows name by id.
 *
 * Names change, are freed and taken again, so rows hold ids. Each service that prints or takes
 * names keeps a table <schema>.people, with an index on pseudo where it looks for names; an id that
 * is missing there is asked of users and kept, and follows what users tells (people/follow.h).
 *
 * Threads:  the service's loop; calls suspend the fiber.
 */
#ifndef SERVICES_PEOPLE_PEOPLE_H
#define SERVICES_PEOPLE_PEOPLE_H

#include "canaduck/users/v1/users.schema.h"
#include "db/query.h"
#include "rpc/call.h"

struct db;
struct db_tx;
struct outbox_bookmarks; /* outbox/bookmark.h */
struct rpc_client;

/* The statements, over one schema's table; made by PEOPLE_QUERIES(). */
struct people_queries {
	const struct db_query *select, *upsert, *find, *hold, *pictures;
	const struct db_query *select_ids, *forget; /* for people/follow.h */
	bool                   has_roles;           /* the table has a column is_admin */
};

struct people {
	struct db                     *db;
	struct rpc_client             *users;
	const struct people_queries   *queries;
	const struct outbox_bookmarks *bookmarks; /* of the schema, for people/follow.h */
	/*
	 * Accounts are gone: what else there is to do about it, in the transaction that writes it
	 * down. The same may be told again. NULL: nothing.
	 */
	status (*on_deleted)(struct db_tx *tx, const int64_t *account_ids, size_t n);
};

/* Defines `static const struct people_queries ident` over the table of a schema. */
#define PEOPLE_QUERIES(ident, schema) PEOPLE_QUERIES_OF(ident, schema, false, "false", "", "", "")

/* The same for a service that shows roles: its table has a column is_admin. */
#define PEOPLE_QUERIES_WITH_ROLES(ident, schema)                                                   \
	PEOPLE_QUERIES_OF(ident, schema, true, "is_admin", ", is_admin", ", $6",                   \
	                  ", is_admin = excluded.is_admin")

#define PEOPLE_QUERIES_OF(ident, schema, has_roles_, admin, column, value, set)                    \
	DB_QUERY(ident##_select, "SELECT account_id, pseudo, deleted, " admin "  FROM " schema     \
	                         ".people WHERE account_id = ANY($1::int8[])");                    \
	DB_QUERY(ident##_upsert,                                                                   \
	         "INSERT INTO " schema                                                             \
	         ".people AS p (account_id, pseudo, picture, deleted, version" column ")"          \
	         " VALUES ($1, $2, $3, $4, $5" value ")"                                           \
	         " ON CONFLICT (account_id) DO UPDATE SET pseudo = excluded.pseudo,"               \
	         "   picture = excluded.picture, deleted = excluded.deleted,"                      \
	         "   version = excluded.version" set " WHERE p.version < excluded.version");       \
	DB_QUERY(ident##_find, "SELECT pseudo, min(account_id) FROM " schema ".people"             \
	                       " WHERE pseudo = ANY($1::text[]) AND NOT deleted"                   \
	                       " GROUP BY pseudo HAVING count(*) = 1");                            \
	DB_QUERY(ident##_hold, "SELECT account_id FROM " schema ".people"                          \
	                       " WHERE account_id = ANY($1::int8[]) AND NOT deleted"               \
	                       " ORDER BY account_id FOR SHARE");                                  \
	DB_QUERY(ident##_pictures,                                                                 \
	         "SELECT account_id, picture FROM " schema ".people"                               \
	         " WHERE account_id = ANY($1::int8[]) AND NOT deleted AND picture IS NOT NULL"     \
	         "   AND ($2 OR left(picture, 5) <> 'data:')");                                    \
	DB_QUERY(ident##_select_ids, "SELECT array(SELECT account_id FROM " schema ".people"       \
	                             " WHERE account_id > $1 ORDER BY account_id LIMIT $2)");      \
	DB_QUERY(ident##_forget, "UPDATE " schema ".people SET pseudo = 'deleted',"                \
	                         "   picture = NULL, deleted = true, version = 0"                  \
	                         " WHERE account_id = ANY($1::int8[])");                           \
	static const struct people_queries ident = {                                               \
	        &ident##_select,   &ident##_upsert,     &ident##_find,   &ident##_hold,            \
	        &ident##_pictures, &ident##_select_ids, &ident##_forget, has_roles_}

/*
 * Gives the pseudo of each account, "deleted" for one that is gone: out_pseudos[i] belongs to
 * ids[i]; repeated ids are fine. Text is in the call's arena. UNAVAILABLE when a name is missing
 * and users is out of reach.
 */
must_check status people_names(const struct people *p, struct rpc_call *call, const int64_t *ids,
                               size_t n, char **out_pseudos);

/* What is shown of an account. */
struct people_person {
	char *pseudo; /* "deleted" for one that is gone */
	bool  is_deleted;
	bool  is_admin; /* only with PEOPLE_QUERIES_WITH_ROLES() */
};

/* The same with what else is shown of them. */
must_check status people_look(const struct people *p, struct rpc_call *call, const int64_t *ids,
                              size_t n, struct people_person *out_people);

/*
 * The pictures of accounts that were looked up before; NULL: none. Those that are no link, up to
 * 64 KiB each, only with_data: lists leave them out.
 */
must_check status people_pictures(const struct people *p, struct rpc_call *call, const int64_t *ids,
                                  size_t n, bool with_data, char **out_pictures);

/*
 * Gives the account of each name as a client wrote it (@Roger): out_ids[i] belongs to pseudos[i],
 * 0 when nobody has that name. Asks users, which alone knows who has a name now, and keeps what it
 * says. While users is out of reach no name changes hands: then what is known here answers.
 * UNAVAILABLE or DEADLINE_EXCEEDED when that is not enough.
 */
must_check status people_find(const struct people *p, struct rpc_call *call,
                              const char *const *pseudos, size_t n, int64_t *out_ids);

/* The account of one name. NOT_FOUND when nobody has it. */
must_check status people_find_one(const struct people *p, struct rpc_call *call, const char *pseudo,
                                  int64_t *out_id);

/*
 * Keeps accounts from going until the transaction's end: for whoever writes rows that on_deleted()
 * is to remove. All in one call, before the transaction locks other rows; people_names() or
 * people_find() came before it. *out_all: none of them is gone.
 */
must_check status people_hold(struct db_tx *tx, const struct people *p, const int64_t *ids,
                              size_t n, bool *out_all);

/* The parameters of `upsert`, borrowed from the person: for a transaction. */
struct people_row {
	struct db_arg args[6];
	unsigned      n_args;
};

struct people_row people_row_of(const struct people *p, const users_person *person);

/* Writes down what users said, unless something newer stands there. */
must_check status people_keep(const struct people *p, struct rpc_call *call,
                              const users_person *person);

/* SQL: the pseudo of a row of people AS p as it is shown. */
#define PEOPLE_SHOWN "CASE WHEN p.deleted THEN 'deleted' ELSE p.pseudo END"

#endif
