#include "services/users/events.h"

#include "canaduck/users/v1/events.schema.h"
#include "outbox/outbox.h"
#include "rpc/envelope.h"
#include "services/users/users.h"

#include <inttypes.h>

OUTBOX_DEFINE(users_outbox, "users", &users_account_created_schema, &users_account_changed_schema,
              &users_account_deleted_schema, &users_sessions_changed_schema);

static status add(struct db_tx *tx, const char *about, int64_t account_id,
                  const ProtobufCMessage *event)
{
	const char *topic = arena_printf(db_tx_arena(tx), "users.%s.%" PRId64, about, account_id);

	return outbox_add(tx, &users_outbox, topic, event);
}

static void fill(users_person *person, const struct users_account *account)
{
	users_person_init(person);
	person->account_id = account->id;
	person->pseudo = account->pseudo;
	if (account->picture)
		users_person_set_picture(person, account->picture);
	person->version = account->version;
	person->is_admin = users_account_is_admin(account);
}

status users_events_account_created(struct db_tx *tx, const struct users_account *account)
{
	users_account_created event;
	users_person          person;

	fill(&person, account);
	users_account_created_init(&event);
	event.person = &person;
	return add(tx, "account", account->id, &event.base);
}

status users_events_account_changed(struct db_tx *tx, const struct users_account *account)
{
	users_account_changed event;
	users_person          person;

	fill(&person, account);
	users_account_changed_init(&event);
	event.person = &person;
	return add(tx, "account", account->id, &event.base);
}

status users_events_account_deleted(struct db_tx *tx, const struct users_account *account)
{
	users_account_deleted event;
	users_person          person;

	users_person_init(&person);
	person.account_id = account->id;
	person.pseudo = arena_cstr(db_tx_arena(tx), STR("deleted"));
	person.deleted = true;
	person.version = account->version + 1;
	users_account_deleted_init(&event);
	event.person = &person;
	return add(tx, "account", account->id, &event.base);
}

status users_events_sessions_changed(struct db_tx *tx, const struct rpc_session_change *change)
{
	users_sessions_changed event;

	users_sessions_changed_init(&event);
	event.change = rpc_envelope_session_change(db_tx_arena(tx), change);
	return add(tx, "sessions", change->account_id, &event.base);
}
