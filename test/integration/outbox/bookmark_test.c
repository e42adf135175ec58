/*
 * Consumers with a database: what they derive stands in it with how far they came. Two of them, as
 * two replicas of a service, follow the same stream into the same tables.
 */
#include "test/integration/outbox/stream.h"

#include "google/protobuf/wrappers.schema.h"
#include "outbox/bookmark.h"
#include "pb/message.h"

#define URL "inproc://bookmark.events"

OUTBOX_BOOKMARKS(bookmarks, "channels");

DB_QUERY(insert_applied, "INSERT INTO channels.applied (position, value) VALUES ($1, $2)");
DB_QUERY(count_applied, "SELECT count(*) FROM channels.applied");
DB_QUERY(count_right, "SELECT count(*) FROM channels.applied WHERE position = value");
DB_QUERY(fail_now, "SELECT 1 / $1::int8");

enum { N_FOLLOWERS = 2 };

struct follower {
	struct db              *db;
	struct rpc_client      *client;
	struct events_consumer *consumer;
	unsigned                n_applied, n_aborted;
	unsigned                n_to_fail; /* so many transactions fail in their middle */
};

static char                url[PG_URL_BYTES];
static struct stream       s;
static struct stream_relay a;
static struct follower     followers[N_FOLLOWERS];

static int migrate(void **state __attribute__((unused)))
{
	stream_migrate(url);
	pg_exec(url, "CREATE TABLE channels.applied (position bigint PRIMARY KEY, value bigint)");
	return 0;
}

struct application {
	struct follower           *f;
	const struct events_batch *batch;
	struct arena              *arena;
};

static status apply(struct db_tx *tx, void *arg)
{
	const struct application *x = arg;

	TRY(outbox_bookmark_move(tx, &bookmarks, "channels", x->batch->from, x->batch->to));
	for (size_t i = 0; i < x->batch->n; i++) {
		const events_event *e = x->batch->events[i];
		const str           payload = {(const char *)e->payload.data, e->payload.len};
		ProtobufCMessage   *value;

		TRY(pb_unpack(x->arena, pb_int64_value_schema.descriptor, payload, &value));
		TRY(db_tx_query(
		        tx, &insert_applied,
		        DB_ARGS(DB_I64(e->position), DB_I64(((pb_int64_value *)value)->value)),
		        NULL));
	}
	if (x->f->n_to_fail > 0) {
		x->f->n_to_fail--;
		return db_tx_query(tx, &fail_now, DB_ARGS(DB_I64(0)), NULL);
	}
	return STATUS_OK;
}

static status on_events(void *arg, struct arena *arena, const struct events_batch *batch)
{
	struct follower   *f = arg;
	struct application x = {f, batch, arena};
	const status       st = db_tx_run(f->db, arena, apply, &x);

	f->n_applied += st.code == CODE_OK ? (unsigned)batch->n : 0;
	f->n_aborted += st.code == CODE_ABORTED;
	return st;
}

static status on_load(void *arg, struct arena *arena, struct events_position *out_position)
{
	struct follower *f = arg;

	return outbox_bookmark_load(f->db, arena, &bookmarks, "channels", out_position);
}

static status begin(struct db_tx *tx, void *arg)
{
	return outbox_bookmark_begin(tx, &bookmarks, "channels", *(struct events_position *)arg);
}

static status on_rebuild(void *arg, struct arena *arena, struct events_position *out_position)
{
	struct follower       *f = arg;
	struct events_position from = {0, 0};

	TRY(db_tx_run(f->db, arena, begin, &from));
	*out_position = from;
	return STATUS_OK;
}

static void follow(struct follower *f)
{
	static const struct events_consumer_ops ops = {
	        .on_load = on_load, .on_rebuild = on_rebuild, .on_events = on_events};
	const struct db_config         db = {.loop = s.f.loop,
	                                     .fibers = s.f.fibers,
	                                     .offload = s.f.offload,
	                                     .url = url,
	                                     .application_name = "follower",
	                                     .read_connections = 1,
	                                     .write_connections = 1};
	const struct rpc_client_config client = {
	        .loop = s.f.loop, .keys = &s.keys, .name = STR("follower")};

	assert_status(db_new(&db, &f->db), CODE_OK);
	assert_status(rpc_client_new(&client, &f->client), CODE_OK);
	assert_status(rpc_client_add(f->client, STR("inproc://stream")), CODE_OK);
	assert_status(events_consumer_new(&(struct events_consumer_config){.loop = s.f.loop,
	                                                                   .fibers = s.f.fibers,
	                                                                   .client = f->client,
	                                                                   .service = "channels",
	                                                                   .urls = URL,
	                                                                   .ops = &ops,
	                                                                   .arg = f},
	                                  &f->consumer),
	              CODE_OK);
}

static bool is_closed(void *arg)
{
	return events_consumer_is_closed(arg);
}

static bool is_unused(void *arg)
{
	unsigned n_open, n_leased;

	db_counts(arg, &n_open, &n_leased);
	return n_leased == 0;
}

static void leave(struct follower *f)
{
	events_consumer_close(f->consumer);
	stream_await(&s, is_closed, f->consumer);
	stream_await(&s, is_unused, f->db);
	events_consumer_free(f->consumer);
	rpc_client_free(f->client);
	db_free(f->db);
	*f = (struct follower){0};
}

static void start(void)
{
	pg_exec(url, "TRUNCATE channels.applied");
	stream_start(&s, url);
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
	for (unsigned i = 0; i < N_FOLLOWERS; i++)
		followers[i] = (struct follower){0};
}

static void stop(void)
{
	stream_relay_stop(&a);
	stream_stop(&s);
}

static int64_t count(const struct db_query *q)
{
	int64_t n = -1;

	assert_status(ask(&s.f, q, DB_NO_ARGS, &n), CODE_OK);
	return n;
}

static bool has_applied(void *arg)
{
	return count(&count_applied) >= *(int64_t *)arg;
}

static void await_applied(int64_t n)
{
	stream_await(&s, has_applied, &n);
	assert_int_equal(count(&count_right), n);
}

TEST(a_consumer_goes_on_where_it_stopped)
{
	start();
	for (int64_t i = 0; i < 5; i++) {
		follow(&followers[0]);
		stream_tell(&s, 1 + i * 20, 10);
		await_applied(10 + i * 20);
		leave(&followers[0]);
		stream_tell(&s, 11 + i * 20, 10);
	}
	follow(&followers[0]);
	await_applied(100);
	leave(&followers[0]);
	stop();
}

TEST(two_that_follow_into_the_same_tables_apply_each_event_once)
{
	start();
	follow(&followers[0]);
	follow(&followers[1]);
	for (int64_t i = 0; i < 20; i++) {
		stream_tell(&s, 1 + i * 25, 25);
		await_applied(25 + i * 25);
	}
	assert_int_equal(followers[0].n_applied + followers[1].n_applied, 500);
	assert_true(followers[0].n_aborted + followers[1].n_aborted > 0);
	leave(&followers[0]);
	leave(&followers[1]);
	stop();
}

TEST(what_fails_in_the_middle_leaves_nothing_and_is_applied_later)
{
	start();
	followers[0].n_to_fail = 3;
	follow(&followers[0]);
	stream_tell(&s, 1, 30);
	await_applied(30);
	assert_int_equal(followers[0].n_to_fail, 0);
	leave(&followers[0]);
	stop();
}

struct beginning {
	struct events_position at;
	bool                   is_put;
};

static status begin_or_put(struct db_tx *tx, void *arg)
{
	const struct beginning *b = arg;

	return b->is_put ? outbox_bookmark_put(tx, &bookmarks, "channels", b->at)
	                 : outbox_bookmark_begin(tx, &bookmarks, "channels", b->at);
}

static void run_beginning(struct job *j)
{
	j->st = db_tx_run(j->f->db, &j->f->arena, begin_or_put, j->arg);
}

static void load_position(struct job *j)
{
	struct events_position at = {0, 0};

	j->st = outbox_bookmark_load(j->f->db, &j->f->arena, &bookmarks, "channels", &at);
	j->value = at.position;
}

static int64_t loaded_position(void)
{
	struct job j;

	job_start(&j, &s.f, load_position, NULL, 0);
	job_await(&j);
	assert_status(j.st, CODE_OK);
	return j.value;
}

TEST(who_begins_second_does_not_put_the_first_one_back)
{
	struct beginning b = {.at = {1, 7}};

	start();
	assert_status(job_run(&s.f, run_beginning, &b, 0), CODE_OK);
	b.at.position = 0;
	assert_status(job_run(&s.f, run_beginning, &b, 0), CODE_ABORTED);
	assert_int_equal(loaded_position(), 7);
	b.is_put = true;
	b.at.position = 3;
	assert_status(job_run(&s.f, run_beginning, &b, 0), CODE_OK);
	assert_int_equal(loaded_position(), 3);
	stop();
}

static void ask_position(struct job *j)
{
	struct events_position at = {0, 0};

	j->st = outbox_position(j->f->db, &j->f->arena, &stream_outbox, &at);
	j->value = at.position;
}

TEST(a_snapshot_says_where_the_stream_stands)
{
	struct job j;

	start();
	stream_tell(&s, 1, 7);
	stream_await_placed(&s);
	job_start(&j, &s.f, ask_position, NULL, 0);
	job_await(&j);
	assert_status(j.st, CODE_OK);
	assert_int_equal(j.value, 7);
	stop();
}

TEST_MAIN(migrate, NULL)
