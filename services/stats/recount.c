#include "services/stats/recount.h"

#include "base/clock.h"
#include "canaduck/channels/v1/channels.rpc.h"
#include "canaduck/messages/v1/messages.rpc.h"
#include "db/db.h"
#include "log/log.h"
#include "rpc/call.h"
#include "services/stats/channels.h"
#include "services/stats/count.h"

enum { PAGE_TIMEOUT_MS = 20000, PAGE = 1000 };

/* How long a recount is left alone after its last page. */
#define LEASE "clock_timestamp() + interval '3 s'"

OUTBOX_BOOKMARKS(bookmarks, "stats");

DB_QUERY(take_token, "INSERT INTO stats.recounts AS r (stream, token, expire_time)"
                     " VALUES ($1, 1, " LEASE ")"
                     " ON CONFLICT (stream) DO UPDATE SET token = r.token + 1,"
                     "   expire_time = excluded.expire_time"
                     "   WHERE r.expire_time < clock_timestamp() RETURNING token");
DB_QUERY(keep_token,
         "UPDATE stats.recounts SET expire_time = " LEASE " WHERE stream = $1 AND token = $2");
DB_QUERY(give_token_back, "UPDATE stats.recounts SET expire_time = '-infinity'"
                          " WHERE stream = $1 AND token = $2");
DB_QUERY(remove_bookmark, "DELETE FROM stats.bookmarks WHERE stream = $1");

const struct outbox_bookmarks *const stats_recount_bookmarks = &bookmarks;

/* What one page tells, whichever service it is of. */
struct page {
	struct events_position position;
	const int64_t         *ids;
	size_t                 n;
	int64_t                next; /* 0: it is the last one */
	const void            *states;
};

struct recount {
	struct stats *app;
	const char   *stream;
	/* Asks for a page; and in a transaction takes it over. */
	status (*ask)(struct stats *app, struct rpc_call *call, int64_t after,
	              struct page *out_page);
	status (*take)(struct db_tx *tx, int64_t after, int64_t last, const struct page *page);
	/* Counts some of it, from an hour on. NULL: nothing is counted. */
	status (*settle)(struct db_tx *tx, int64_t from_us, int64_t *out_next_us);
	status (*finish)(struct db_tx *tx); /* NULL: nothing */
	int64_t                deadline_ns, token, after, count;
	int64_t                settled_us, next_us; /* hours up to there are counted */
	struct page            page;
	struct events_position position; /* of the first page */
};

/* ---- one at a time ---- */

static status begin(struct db_tx *tx, void *arg)
{
	struct recount *r = arg;
	struct db_rows *rows;

	TRY(db_tx_query(tx, &take_token, DB_ARGS(DB_CSTR(r->stream)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_ABORTED, "another one counts anew");
	r->token = db_rows_i64(rows, 0, 0);
	return db_tx_query(tx, &remove_bookmark, DB_ARGS(DB_CSTR(r->stream)), NULL);
}

static status hold(struct db_tx *tx, const struct recount *r, const struct db_query *query)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, query, DB_ARGS(DB_CSTR(r->stream), DB_I64(r->token)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_ABORTED, "another one counts anew");
	return STATUS_OK;
}

static status take_page(struct db_tx *tx, void *arg)
{
	const struct recount *r = arg;

	TRY(hold(tx, r, &keep_token));
	return r->take(tx, r->after, r->page.next ? r->page.next : INT64_MAX, &r->page);
}

static status settle_some(struct db_tx *tx, void *arg)
{
	struct recount *r = arg;

	TRY(hold(tx, r, &keep_token));
	return r->settle(tx, r->settled_us, &r->next_us);
}

static status end(struct db_tx *tx, void *arg)
{
	const struct recount *r = arg;

	TRY(hold(tx, r, &give_token_back));
	if (r->finish)
		TRY(r->finish(tx));
	return outbox_bookmark_put(tx, stats_recount_bookmarks, r->stream, r->position);
}

/* ---- page by page ---- */

static void renew(const struct recount *r, struct rpc_call *call)
{
	const int64_t page_ns = clock_after_ms(PAGE_TIMEOUT_MS);

	rpc_call_reuse(call);
	call->request_id = STR("recount");
	call->deadline_ns = r->deadline_ns < page_ns ? r->deadline_ns : page_ns;
}

/* In pieces, that nobody waits long for: a deadline is looked at between them. */
static status settle(struct recount *r, struct rpc_call *call)
{
	if (r->settle == NULL)
		return STATUS_OK;
	do {
		if (clock_now_ns() >= r->deadline_ns)
			return status_error(CODE_DEADLINE_EXCEEDED, "counting anew takes too long");
		renew(r, call);
		TRY(db_tx_run(r->app->db, &call->arena, settle_some, r));
		r->settled_us = r->next_us;
	} while (r->settled_us);
	return STATUS_OK;
}

static status take_all(struct recount *r, struct rpc_call *call)
{
	TRY(db_tx_run(r->app->db, &call->arena, begin, r));
	do {
		renew(r, call);
		TRY(r->ask(r->app, call, r->after, &r->page));
		if (r->after == 0)
			r->position = r->page.position;
		TRY(db_tx_run(r->app->db, &call->arena, take_page, r));
		r->count += (int64_t)r->page.n;
		r->after = r->page.next;
	} while (r->after);
	TRY(settle(r, call));
	renew(r, call);
	return db_tx_run(r->app->db, &call->arena, end, r);
}

/* They need not wait for the lease's end then; if this fails too, they do. */
static void let_others(const struct recount *r, struct rpc_call *call)
{
	status st = STATUS_OK;

	if (r->token)
		st = db_write(r->app->db, &call->arena, &give_token_back,
		              DB_ARGS(DB_CSTR(r->stream), DB_I64(r->token)), NULL);
	if (st.code != CODE_OK)
		log_debug("a recount was not given up", LOG_CSTR("stream", r->stream), LOG_CODE(st),
		          LOG_REASON(st));
}

static status run(struct recount *r, struct arena *a, int64_t *out_count,
                  struct events_position *out_position)
{
	struct rpc_call call;
	status          st;

	rpc_call_init(&call, 0);
	renew(r, &call);
	st = take_all(r, &call);
	if (st.code == CODE_OK) {
		*out_count = r->count;
		*out_position = r->position;
	} else {
		st.msg = arena_cstr(a, str_c(st.msg));
		let_others(r, &call);
	}
	rpc_call_fini(&call);
	return st;
}

/* ---- messages ---- */

static status ask_messages(struct stats *app, struct rpc_call *call, int64_t after,
                           struct page *out_page)
{
	messages_list_states_request   req;
	messages_list_states_response *answer;
	int64_t                       *ids;

	messages_list_states_request_init(&req);
	req.after = after;
	req.page_size = PAGE;
	TRY(messages_client_list_states(app->messages, call, &req, &answer));
	ids = arena_alloc(&call->arena, (answer->n_states + 1) * sizeof *ids);
	for (size_t i = 0; i < answer->n_states; i++)
		ids[i] = answer->states[i]->message_id;
	*out_page = (struct page){.position = {answer->epoch, answer->last_position},
	                          .ids = ids,
	                          .n = answer->n_states,
	                          .next = answer->n_states ? ids[answer->n_states - 1] : 0,
	                          .states = answer->states};
	return STATUS_OK;
}

static status take_messages(struct db_tx *tx, int64_t after, int64_t last, const struct page *page)
{
	TRY(stats_count_keep(tx, after, last, page->ids, page->n));
	return stats_count_put(tx, (messages_message_state *const *)page->states, page->n, true);
}

status stats_recount_messages(struct stats *app, struct arena *a, int64_t deadline_ns,
                              int64_t *out_count, struct events_position *out_position)
{
	struct recount r = {.app = app,
	                    .stream = "messages",
	                    .ask = ask_messages,
	                    .take = take_messages,
	                    .settle = stats_count_hours,
	                    .finish = stats_count_totals,
	                    .deadline_ns = deadline_ns};

	return run(&r, a, out_count, out_position);
}

/* ---- channels ---- */

static status ask_channels(struct stats *app, struct rpc_call *call, int64_t after,
                           struct page *out_page)
{
	channels_list_states_request   req;
	channels_list_states_response *answer;
	int64_t                       *ids;

	channels_list_states_request_init(&req);
	req.after = after;
	req.page_size = PAGE;
	TRY(channels_client_list_states(app->channels, call, &req, &answer));
	ids = arena_alloc(&call->arena, (answer->n_channels + 1) * sizeof *ids);
	for (size_t i = 0; i < answer->n_channels; i++)
		ids[i] = answer->channels[i]->channel_id;
	*out_page = (struct page){.position = {answer->epoch, answer->last_position},
	                          .ids = ids,
	                          .n = answer->n_channels,
	                          .next = answer->next_after,
	                          .states = answer->channels};
	return STATUS_OK;
}

static status take_channels(struct db_tx *tx, int64_t after, int64_t last, const struct page *page)
{
	TRY(stats_channels_keep(tx, after, last, page->ids, page->n));
	return stats_channels_put(tx, (channels_channel_state *const *)page->states, page->n, true);
}

status stats_recount_channels(struct stats *app, struct arena *a, int64_t deadline_ns,
                              int64_t *out_count, struct events_position *out_position)
{
	struct recount r = {.app = app,
	                    .stream = "channels",
	                    .ask = ask_channels,
	                    .take = take_channels,
	                    .deadline_ns = deadline_ns};

	return run(&r, a, out_count, out_position);
}
