#include "services/people/follow.h"

#include "base/clock.h"
#include "canaduck/events/v1/events.rpc.h"
#include "canaduck/users/v1/events.schema.h"
#include "canaduck/users/v1/users.rpc.h"
#include "db/db.h"
#include "outbox/bookmark.h"
#include "pb/message.h"

/* So many accounts fit a message even if each has a large picture. */
enum { PAGE = 50, TIMEOUT_MS = 5000 };

static const char stream[] = "users";

status people_follow_load(const struct people *p, struct arena *a,
                          struct events_position *out_position)
{
	return outbox_bookmark_load(p->db, a, p->bookmarks, stream, out_position);
}

/* ---- events ---- */

static status keep(struct db_tx *tx, const struct people *p, const users_person *person)
{
	struct people_row row = people_row_of(p, person);

	return db_tx_query(tx, p->queries->upsert, (struct db_args){row.args, row.n_args}, NULL);
}

/* Both messages hold a person as their field 1; of who is new, names are asked when needed. */
static bool tells_of_a_person(str type)
{
	return str_eq(type, STR("canaduck.users.v1.AccountChanged")) ||
	       str_eq(type, STR("canaduck.users.v1.AccountDeleted"));
}

/* Writes down what one event changes; NULL: it is about nobody. */
static status keep_event(struct db_tx *tx, const struct people *p, const events_event *event,
                         const users_person **out_person)
{
	const str         packed = {(const char *)event->payload.data, event->payload.len};
	ProtobufCMessage *m;

	*out_person = NULL;
	if (!tells_of_a_person(str_c(event->type)))
		return STATUS_OK;
	TRY(pb_unpack(db_tx_arena(tx), users_account_changed_schema.descriptor, packed, &m));
	*out_person = ((const users_account_changed *)m)->person;
	return *out_person ? keep(tx, p, *out_person) : STATUS_OK;
}

static status tell_deleted(struct db_tx *tx, const struct people *p, const int64_t *ids, size_t n)
{
	return n > 0 && p->on_deleted ? p->on_deleted(tx, ids, n) : STATUS_OK;
}

struct applying {
	const struct people       *people;
	const struct events_batch *batch;
};

/* People first, as in people_hold(): whoever holds some of them waits for nothing of this. */
static status apply(struct db_tx *tx, void *arg)
{
	const struct applying *w = arg;
	int64_t *deleted = arena_alloc(db_tx_arena(tx), w->batch->n * sizeof *deleted);
	size_t   n = 0;

	TRY(outbox_bookmark_move(tx, w->people->bookmarks, stream, w->batch->from, w->batch->to));
	for (size_t i = 0; i < w->batch->n; i++) {
		const users_person *person;

		TRY(keep_event(tx, w->people, w->batch->events[i], &person));
		if (person && person->deleted)
			deleted[n++] = person->account_id;
	}
	return tell_deleted(tx, w->people, deleted, n);
}

status people_follow_events(const struct people *p, struct arena *a,
                            const struct events_batch *batch)
{
	struct applying w = {p, batch};

	return db_tx_run(p->db, a, apply, &w);
}

/* ---- afresh ---- */

static status find_position(const struct people *p, struct rpc_call *call,
                            struct events_position *out_position)
{
	events_read_request   req;
	events_read_response *answer;

	events_read_request_init(&req);
	TRY(events_client_read(p->users, call, &req, &answer));
	*out_position = (struct events_position){answer->epoch, answer->last_position};
	return STATUS_OK;
}

struct page {
	const struct people          *people;
	const int64_t                *ids;
	size_t                        n_ids;
	const users_resolve_response *answer;
	struct events_position        position; /* when all are asked */
};

static bool is_known(const users_resolve_response *answer, int64_t account_id)
{
	for (size_t i = 0; i < answer->n_people; i++)
		if (answer->people[i]->account_id == account_id)
			return true;
	return false;
}

/* Whatever was known, this is how it is; what has changed meanwhile is among the events to come. */
static status replace(struct db_tx *tx, void *arg)
{
	const struct page *page = arg;
	int64_t           *deleted = arena_alloc(db_tx_arena(tx), page->n_ids * sizeof *deleted);
	size_t             n = 0;

	TRY(db_tx_query(tx, page->people->queries->forget, DB_ARGS(DB_I64S(page->ids, page->n_ids)),
	                NULL));
	for (size_t i = 0; i < page->answer->n_people; i++)
		TRY(keep(tx, page->people, page->answer->people[i]));
	for (size_t i = 0; i < page->n_ids; i++)
		if (!is_known(page->answer, page->ids[i]))
			deleted[n++] = page->ids[i];
	return tell_deleted(tx, page->people, deleted, n);
}

static status ask_again(const struct people *p, struct rpc_call *call, const int64_t *ids, size_t n)
{
	users_resolve_request   req;
	users_resolve_response *answer;
	struct page             page = {.people = p, .ids = ids, .n_ids = n};

	users_resolve_request_init(&req);
	req.account_ids = (int64_t *)(uintptr_t)ids;
	req.n_account_ids = n;
	TRY(users_client_resolve(p->users, call, &req, &answer));
	page.answer = answer;
	return db_tx_run(p->db, &call->arena, replace, &page);
}

static status ask_all_again(const struct people *p, struct rpc_call *call)
{
	int64_t after = 0;

	for (;;) {
		struct db_rows *rows;
		const int64_t  *ids;
		size_t          n;

		rpc_call_reuse(call);
		call->deadline_ns = clock_after_ms(TIMEOUT_MS);
		TRY(db_read(p->db, &call->arena, p->queries->select_ids,
		            DB_ARGS(DB_I64(after), DB_I64(PAGE)), &rows));
		ids = db_rows_i64s(rows, 0, 0, &n);
		if (n == 0)
			return STATUS_OK;
		TRY(ask_again(p, call, ids, n));
		after = ids[n - 1];
	}
}

static status put(struct db_tx *tx, void *arg)
{
	const struct page *page = arg;

	return outbox_bookmark_put(tx, page->people->bookmarks, stream, page->position);
}

status people_follow_rebuild(const struct people *p, struct arena *a,
                             struct events_position *out_position)
{
	struct page     page = {.people = p};
	struct rpc_call call;
	status          st;

	rpc_call_init(&call, clock_after_ms(TIMEOUT_MS));
	st = find_position(p, &call, &page.position);
	if (st.code == CODE_OK)
		st = ask_all_again(p, &call);
	if (st.code == CODE_OK)
		st = db_tx_run(p->db, a, put, &page);
	if (st.code == CODE_OK)
		*out_position = page.position;
	else
		st.msg = arena_cstr(a, str_c(st.msg));
	rpc_call_fini(&call);
	return st;
}
