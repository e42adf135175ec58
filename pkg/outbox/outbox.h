/*
 * outbox/outbox.h - events of a service, written in the transaction of what they tell.
 *
 * An event is a fact in the past tense: a protobuf message that says what changed, by ids, and
 * never a secret. It exists when, and only when, the transaction commits; the relay
 * (outbox/relay.h) then gives it a position in the service's stream and publishes it at once.
 *
 * One library serves every schema. A service has one outbox, defined in one of its files over the
 * tables that its migrations make:
 *
 *     OUTBOX_DEFINE(users_outbox, "users",
 *                   &users_account_created_schema, &users_account_deleted_schema);
 *
 * and adds to it after the statement that took the lock of the row that changed, so that events
 * about that row come in the order of its changes:
 *
 *     users_account_created event;
 *
 *     users_account_created_init(&event);
 *     event.account_id = id;
 *     TRY(outbox_add(tx, &users_outbox, arena_printf(a, "users.account.%" PRId64, id),
 *                    &event.base));
 */
#ifndef OUTBOX_OUTBOX_H
#define OUTBOX_OUTBOX_H

#include <stdint.h>

#include "base/status.h"
#include "db/query.h"
#include "pb/schema.h"

struct db_tx; /* db/db.h */

/* The statements over one schema's tables; made by OUTBOX_DEFINE(). */
struct outbox_queries {
	const struct db_query *add, *take, *give_back, *look, *place, *prune, *read;
};

struct outbox {
	const char                  *service; /* "users": also the schema, and how topics begin */
	const struct outbox_queries *queries;
	const struct pb_message *const *types; /* of its events, NULL-ended */
};

enum { OUTBOX_MAX_TOPIC = 128, OUTBOX_MAX_EVENT_BYTES = 256 * 1024 };

/*
 * Adds an event: exactly one, if the transaction commits. topic begins with the service's name and
 * a dot and is of a-z 0-9 . _ -; what was said of both ends with the call. RESOURCE_EXHAUSTED for a
 * message that is too large, INTERNAL for a topic or type that is not the outbox's.
 */
must_check status outbox_add(struct db_tx *tx, const struct outbox *o, const char *topic,
                             const ProtobufCMessage *event);

/* The same for what anybody may see: it is published to the public as well. */
must_check status outbox_add_public(struct db_tx *tx, const struct outbox *o, const char *topic,
                                    const ProtobufCMessage *event);

/* The schema of a type of the outbox by its full name; NULL when there is none. */
const struct pb_message *outbox_find_type(const struct outbox *o, str name);

#include "outbox/sql.h"

/* Defines `const struct outbox ident`; schema is a literal, the rest are the types' schemas. */
#define OUTBOX_DEFINE(ident, schema, ...)                                                          \
	DB_QUERY(ident##_add, OUTBOX_SQL_ADD(schema));                                             \
	DB_QUERY(ident##_take, OUTBOX_SQL_TAKE(schema));                                           \
	DB_QUERY(ident##_give_back, OUTBOX_SQL_GIVE_BACK(schema));                                 \
	DB_QUERY(ident##_look, OUTBOX_SQL_LOOK(schema));                                           \
	DB_QUERY(ident##_place, OUTBOX_SQL_PLACE(schema));                                         \
	DB_QUERY(ident##_prune, OUTBOX_SQL_PRUNE(schema));                                         \
	DB_QUERY(ident##_read, OUTBOX_SQL_READ(schema));                                           \
	static const struct outbox_queries ident##_queries = {                                     \
	        &ident##_add,   &ident##_take,  &ident##_give_back, &ident##_look,                 \
	        &ident##_place, &ident##_prune, &ident##_read};                                    \
	static const struct pb_message *const ident##_types[] = {__VA_ARGS__ __VA_OPT__(, ) NULL}; \
	const struct outbox                   ident = {schema, &ident##_queries, ident##_types}

#endif
