/*
 * people/people.h - what a service knows of the accounts that its rows name by id.
 *
 * Names change, are freed and taken again, so rows hold ids. Each service that prints names keeps
 * a table <schema>.people; an id that is missing there is asked of users and kept, and follows what
 * users tells (people/follow.h).
 *
 * Threads:  the service's loop; calls suspend the fiber.
 */
#ifndef SERVICES_PEOPLE_PEOPLE_H
#define SERVICES_PEOPLE_PEOPLE_H

#include "db/query.h"
#include "rpc/call.h"

struct db;
struct outbox_bookmarks; /* outbox/bookmark.h */
struct rpc_client;

/* The statements, over one schema's table; made by PEOPLE_QUERIES(). */
struct people_queries {
	const struct db_query *select, *upsert;
	const struct db_query *select_ids, *forget; /* for people/follow.h */
};

struct people {
	struct db                     *db;
	struct rpc_client             *users;
	const struct people_queries   *queries;
	const struct outbox_bookmarks *bookmarks; /* of the schema, for people/follow.h */
};

/* Defines `static const struct people_queries ident` over the table of a schema. */
#define PEOPLE_QUERIES(ident, schema)                                                              \
	DB_QUERY(ident##_select, "SELECT account_id, pseudo, deleted FROM " schema ".people"       \
	                         " WHERE account_id = ANY($1::int8[])");                           \
	DB_QUERY(ident##_upsert,                                                                   \
	         "INSERT INTO " schema                                                             \
	         ".people AS p (account_id, pseudo, picture, deleted, version)"                    \
	         " VALUES ($1, $2, $3, $4, $5)"                                                    \
	         " ON CONFLICT (account_id) DO UPDATE SET pseudo = excluded.pseudo,"               \
	         "   picture = excluded.picture, deleted = excluded.deleted,"                      \
	         "   version = excluded.version WHERE p.version < excluded.version");              \
	DB_QUERY(ident##_select_ids, "SELECT array(SELECT account_id FROM " schema ".people"       \
	                             " WHERE account_id > $1 ORDER BY account_id LIMIT $2)");      \
	DB_QUERY(ident##_forget, "UPDATE " schema ".people SET pseudo = 'deleted',"                \
	                         "   picture = NULL, deleted = true, version = 0"                  \
	                         " WHERE account_id = ANY($1::int8[])");                           \
	static const struct people_queries ident = {&ident##_select, &ident##_upsert,              \
	                                            &ident##_select_ids, &ident##_forget}

/*
 * Gives the pseudo of each account, "deleted" for one that is gone: out_pseudos[i] belongs to
 * ids[i]; repeated ids are fine. Text is in the call's arena. UNAVAILABLE when a name is missing
 * and users is out of reach.
 */
must_check status people_names(const struct people *p, struct rpc_call *call, const int64_t *ids,
                               size_t n, char **out_pseudos);

/* SQL: the pseudo of a row of people AS p as it is shown. */
#define PEOPLE_SHOWN "CASE WHEN p.deleted THEN 'deleted' ELSE p.pseudo END"

#endif
