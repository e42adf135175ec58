#include "test/integration/outbox/stream.h"

#include "base/mem.h"
#include "db/migrate.h"
#include "google/protobuf/wrappers.schema.h"
#include "migrations/migrations.h"
#include "pb/message.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

OUTBOX_DEFINE(stream_outbox, "channels", &pb_int64_value_schema);

DB_QUERY(select_last, "SELECT next_position - 1 FROM channels.stream");
DB_QUERY(count_kept, "SELECT count(*) FROM channels.outbox");
DB_QUERY(count_unplaced, "SELECT count(*) FROM channels.outbox WHERE position IS NULL");
/* The bytes are those of google.protobuf.Int64Value, the number in three of them. */
DB_QUERY(insert_many,
         "WITH told AS ("
         "INSERT INTO channels.outbox (topic, type, is_public, event)"
         " SELECT 'channels.number', 'google.protobuf.Int64Value', false, '\\x08'::bytea ||"
         "   set_byte(set_byte(set_byte('\\x000000'::bytea, 0, (v & 127)::int | 128),"
         "     1, (v >> 7 & 127)::int | 128), 2, (v >> 14)::int)"
         " FROM generate_series($1::int8, $1::int8 + $2::int8 - 1) AS v RETURNING id"
         ") SELECT count(*) FROM told");

/* nng 1.5 forgets a message that it took for a connection which closes at that moment. */
const char *__lsan_default_suppressions(void);

__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
	return "leak:libnng";
}

/*
 * nng counts the owners of a message by atomics of its own, which ThreadSanitizer does not see: the
 * last one's free() looks to it as if it raced with the others' reading.
 */
const char *__tsan_default_suppressions(void);

__attribute__((visibility("default"))) const char *__tsan_default_suppressions(void)
{
	return "race_top:^__interceptor_free$";
}

/* ---- the service ---- */

void stream_migrate(char out_url[PG_URL_BYTES])
{
	struct arena a;
	unsigned     applied;

	arena_init(&a, 1 << 20);
	pg_shared_database(out_url);
	assert_status(db_migrate(out_url, &migrations_channels, 30000, &a, &applied), CODE_OK);
	arena_fini(&a);
}

void stream_start(struct stream *s, const char *db_url)
{
	pg_exec(db_url, "TRUNCATE channels.outbox, channels.bookmarks;"
	                "UPDATE channels.stream SET epoch = 0, origin = '', next_position = 1,"
	                "  owner = 0, lease_until = '-infinity'");
	*s = (struct stream){.keys = {.current = {1, 2, 3}, .current_id = 7}};
	snprintf(s->db_url, sizeof s->db_url, "%s", db_url);
	fixture_start(&s->f, db_url, (struct db_config){.read_connections = 2});
	s->events = (struct events){.db = s->f.db, .outbox = &stream_outbox};
	assert_status(rpc_server_new(&(struct rpc_server_config){.loop = s->f.loop,
	                                                         .fibers = s->f.fibers,
	                                                         .keys = &s->keys},
	                             &s->server),
	              CODE_OK);
	rpc_server_add(s->server, &events_handlers, &s->events);
	assert_status(rpc_server_listen(s->server, STR("inproc://stream")), CODE_OK);
}

static bool is_server_idle(void *arg)
{
	return rpc_server_is_idle(arg);
}

void stream_stop(struct stream *s)
{
	rpc_server_drain(s->server);
	stream_await(s, is_server_idle, s->server);
	rpc_server_free(s->server);
	fixture_stop(&s->f);
}

struct condition {
	bool (*is_true)(void *arg);
	void *arg;
};

static bool holds(struct fixture *f, void *arg)
{
	const struct condition *c = arg;

	(void)f;
	return c->is_true(c->arg);
}

void stream_await(struct stream *s, bool (*is_true)(void *arg), void *arg)
{
	await_true(&s->f, holds, &(struct condition){is_true, arg});
}

/* ---- what is told ---- */

struct telling {
	struct db *db;
	int64_t    value;
	unsigned   n;
	bool       is_taken_back;
};

static status add(struct db_tx *tx, void *arg)
{
	const struct telling *t = arg;
	pb_int64_value        event;

	pb_int64_value_init(&event);
	event.value = t->value;
	TRY(outbox_add(tx, &stream_outbox,
	               arena_printf(db_tx_arena(tx), "channels.number.%d", (int)(t->value % 10)),
	               &event.base));
	return t->is_taken_back ? status_error(CODE_ABORTED, "rolled back") : STATUS_OK;
}

static void tell(struct job *j)
{
	struct telling *t = j->arg;

	for (; t->n > 0 && j->st.code == CODE_OK; t->n--, t->value++)
		j->st = db_tx_run(t->db, &j->f->arena, add, t);
	arena_reset(&j->f->arena);
}

void stream_tell_by(struct stream *s, struct db *db, int64_t first, unsigned n)
{
	struct telling t = {.db = db, .value = first, .n = n};

	assert_status(job_run(&s->f, tell, &t, 0), CODE_OK);
}

void stream_tell(struct stream *s, int64_t first, unsigned n)
{
	stream_tell_by(s, s->f.db, first, n);
}

void stream_tell_many(struct stream *s, int64_t first, unsigned n)
{
	int64_t nothing;

	assert_status(ask(&s->f, &insert_many, DB_ARGS(DB_I64(first), DB_I64(n)), &nothing),
	              CODE_OK);
}

void stream_take_back(struct stream *s, int64_t value)
{
	struct telling t = {.db = s->f.db, .value = value, .n = 1, .is_taken_back = true};

	assert_status(job_run(&s->f, tell, &t, 0), CODE_ABORTED);
}

static int64_t ask_number(struct stream *s, const struct db_query *q)
{
	int64_t number = -1;

	assert_status(ask(&s->f, q, DB_NO_ARGS, &number), CODE_OK);
	return number;
}

int64_t stream_last_position(struct stream *s)
{
	return ask_number(s, &select_last);
}

int64_t stream_count(struct stream *s)
{
	return ask_number(s, &count_kept);
}

static bool is_all_placed(void *arg)
{
	return ask_number(arg, &count_unplaced) == 0;
}

void stream_await_placed(struct stream *s)
{
	stream_await(s, is_all_placed, s);
}

/* ---- relays ---- */

void stream_relay_start(struct stream_relay *r, struct stream *s, const char *url,
                        struct outbox_relay_config cfg)
{
	struct db_config db = {.loop = s->f.loop,
	                       .fibers = s->f.fibers,
	                       .offload = s->f.offload,
	                       .url = s->db_url,
	                       .application_name = "relay",
	                       .read_connections = 1,
	                       .write_connections = 1};

	*r = (struct stream_relay){.stream = s};
	assert_status(db_new(&db, &r->db), CODE_OK);
	db.write_connections = 8;
	assert_status(db_new(&db, &r->writer), CODE_OK);
	assert_status(events_publisher_new(&r->publisher), CODE_OK);
	assert_status(events_publisher_listen(r->publisher, EVENTS_INTERNAL, str_c(url), s->tls),
	              CODE_OK);
	cfg.loop = s->f.loop;
	cfg.fibers = s->f.fibers;
	cfg.db = r->db;
	cfg.writer = r->writer;
	cfg.outbox = &stream_outbox;
	cfg.publisher = r->publisher;
	if (cfg.lease_ms == 0)
		cfg.lease_ms = STREAM_LEASE_MS;
	assert_status(outbox_relay_new(&cfg, &r->relay), CODE_OK);
}

static bool is_relay_closed(void *arg)
{
	return outbox_relay_is_closed(arg);
}

static bool has_no_lease(void *arg)
{
	unsigned n_open, n_leased;

	db_counts(arg, &n_open, &n_leased);
	return n_leased == 0;
}

static void relay_fini(struct stream_relay *r)
{
	stream_await(r->stream, is_relay_closed, r->relay);
	stream_await(r->stream, has_no_lease, r->db);
	stream_await(r->stream, has_no_lease, r->writer);
	outbox_relay_free(r->relay);
	events_publisher_free(r->publisher);
	db_free(r->db);
	db_free(r->writer);
}

void stream_relay_stop(struct stream_relay *r)
{
	outbox_relay_close(r->relay);
	relay_fini(r);
}

void stream_relay_kill(struct stream_relay *r)
{
	outbox_relay_cancel(r->relay);
	relay_fini(r);
}

static bool is_leader(void *arg)
{
	return outbox_relay_is_leader(arg);
}

void stream_relay_await_leader(struct stream_relay *r)
{
	stream_await(r->stream, is_leader, r->relay);
}

/* ---- consumers ---- */

static status on_rebuild(void *arg, struct arena *a, struct events_position *out_position)
{
	struct stream_consumer *c = arg;

	(void)a;
	c->n_rebuilds++;
	if (c->n_rebuilds == 1)
		c->at = c->snapshot;
	else if (c->later.position > 0)
		c->at = c->later;
	*out_position = c->at;
	return STATUS_OK;
}

static void apply(struct stream_consumer *c, struct arena *a, const events_event *e)
{
	const str         payload = {(const char *)e->payload.data, e->payload.len};
	ProtobufCMessage *value;

	if (pb_unpack(a, pb_int64_value_schema.descriptor, payload, &value).code != CODE_OK ||
	    strcmp(e->type, "google.protobuf.Int64Value") != 0 ||
	    e->position != c->at.position + 1 || c->n == STREAM_MAX_APPLIED) {
		c->is_broken = true;
		return;
	}
	c->at = (struct events_position){e->epoch, e->position};
	c->applied_ns[c->n] = clock_now_ns();
	c->values[c->n++] = ((pb_int64_value *)value)->value;
}

static status on_events(void *arg, struct arena *a, const struct events_batch *b)
{
	struct stream_consumer *c = arg;

	c->held = fiber_current();
	while (c->is_held)
		TRY(fiber_suspend(CLOCK_NEVER));
	c->held = NULL;
	c->n_batches++;
	if (c->n_to_fail > 0) {
		c->n_to_fail--;
		return status_error(CODE_UNAVAILABLE, "not now");
	}
	for (size_t i = 0; i < b->n; i++)
		apply(c, a, b->events[i]);
	return STATUS_OK;
}

static void on_signal(void *arg, const events_event *event)
{
	(void)event;
	((struct stream_consumer *)arg)->n_signals++;
}

static void on_complete(void *arg, bool is_complete)
{
	struct stream_consumer *c = arg;

	if (is_complete)
		c->n_completed++;
	else
		c->n_lost++;
}

void stream_consumer_start(struct stream_consumer *c, struct stream *s, const char *urls)
{
	static const struct events_consumer_ops ops = {.on_rebuild = on_rebuild,
	                                               .on_events = on_events,
	                                               .on_signal = on_signal,
	                                               .on_complete = on_complete};

	c->stream = s;
	assert_status(rpc_client_new(&(struct rpc_client_config){.loop = s->f.loop,
	                                                         .keys = &s->keys,
	                                                         .name = STR("consumer")},
	                             &c->client),
	              CODE_OK);
	assert_status(rpc_client_add(c->client, STR("inproc://stream")), CODE_OK);
	assert_status(
	        events_consumer_new(&(struct events_consumer_config){.loop = s->f.loop,
	                                                             .fibers = s->f.fibers,
	                                                             .client = c->client,
	                                                             .service = "channels",
	                                                             .urls = urls,
	                                                             .ops = &ops,
	                                                             .arg = c,
	                                                             .tls = c->tls,
	                                                             .silence_ms = c->silence_ms},
	                            &c->consumer),
	        CODE_OK);
}

static bool is_consumer_closed(void *arg)
{
	return events_consumer_is_closed(arg);
}

void stream_consumer_stop(struct stream_consumer *c)
{
	events_consumer_close(c->consumer);
	stream_await(c->stream, is_consumer_closed, c->consumer);
	events_consumer_free(c->consumer);
	rpc_client_free(c->client);
}

void stream_consumer_release(struct stream_consumer *c)
{
	c->is_held = false;
	if (c->held)
		fiber_wake(c->held);
}

struct count {
	const struct stream_consumer *c;
	size_t                        n;
};

static bool has_applied(void *arg)
{
	const struct count *x = arg;

	return x->c->n >= x->n || x->c->is_broken;
}

void stream_consumer_await(struct stream_consumer *c, size_t n)
{
	stream_await(c->stream, has_applied, &(struct count){c, n});
	assert_false(c->is_broken);
}

static bool is_complete(void *arg)
{
	return events_consumer_is_complete(arg);
}

void stream_consumer_await_complete(struct stream_consumer *c)
{
	stream_await(c->stream, is_complete, c->consumer);
}

void stream_consumer_assert(const struct stream_consumer *c, int64_t first, size_t n)
{
	assert_false(c->is_broken);
	assert_int_equal(c->n, n);
	for (size_t i = 0; i < n; i++)
		if (c->values[i] != first + (int64_t)i)
			fail_msg("event %zu is %lld", i, (long long)c->values[i]);
}

void stream_ipc_url(char out_url[STREAM_URL_BYTES], const char *name)
{
	snprintf(out_url, STREAM_URL_BYTES, "ipc:///tmp/canaduck-events-%d-%s.sock", (int)getpid(),
	         name);
}
