#include "db/migrate.h"
#include "google/protobuf/wrappers.schema.h"
#include "migrations/migrations.h"
#include "outbox/outbox.h"
#include "pb/message.h"
#include "test/integration/db/fixture.h"

#include <string.h>

OUTBOX_DEFINE(trial_outbox, "channels", &pb_int64_value_schema);

DB_QUERY(count_events, "SELECT count(*) FROM channels.outbox");
DB_QUERY(select_event, "SELECT topic, type, is_public, event, position FROM channels.outbox");
DB_QUERY(fail_once, "SELECT 1 / $1::int8");

static char           url[PG_URL_BYTES];
static struct fixture f;
static unsigned       n_announced;

static int migrate(void **state __attribute__((unused)))
{
	struct arena a;
	unsigned     applied;

	arena_init(&a, 1 << 20);
	pg_shared_database(url);
	assert_status(db_migrate(url, &migrations_channels, 30000, &a, &applied), CODE_OK);
	arena_fini(&a);
	return 0;
}

static void on_announced(void *arg)
{
	assert_ptr_equal(arg, &f);
	n_announced++;
}

static void start(void)
{
	pg_exec(url, "TRUNCATE channels.outbox");
	n_announced = 0;
	fixture_start(&f, url, (struct db_config){.write_connections = 1});
	db_set_listener(f.db, on_announced, &f);
}

struct addition {
	const char *topic;
	bool        is_public, fails_then;
	size_t      n_bytes; /* 0: an integer; else another type, of that many */
	int64_t     count;
};

static status add(struct db_tx *tx, void *arg)
{
	struct addition *x = arg;
	pb_int64_value   event;

	pb_int64_value_init(&event);
	event.value = 42;
	if (x->is_public)
		TRY(outbox_add_public(tx, &trial_outbox, x->topic, &event.base));
	else
		TRY(outbox_add(tx, &trial_outbox, x->topic, &event.base));
	if (x->fails_then)
		return db_tx_query(tx, &fail_once, DB_ARGS(DB_I64(0)), NULL);
	return STATUS_OK;
}

static void run_add(struct job *j)
{
	j->st = db_tx_run(j->f->db, &j->f->arena, add, j->arg);
}

static int64_t count(void)
{
	int64_t n = -1;

	assert_status(ask(&f, &count_events, DB_NO_ARGS, &n), CODE_OK);
	return n;
}

static void look_at_event(struct job *j)
{
	struct db_rows   *rows;
	ProtobufCMessage *event;

	j->st = db_read(f.db, &f.arena, &select_event, DB_NO_ARGS, &rows);
	if (j->st.code != CODE_OK)
		return;
	j->st = pb_unpack(&f.arena, pb_int64_value_schema.descriptor, db_rows_bytes(rows, 0, 3),
	                  &event);
	j->value = strcmp(db_rows_cstr(rows, 0, 0), "channels.channel.17") == 0 &&
	           strcmp(db_rows_cstr(rows, 0, 1), "google.protobuf.Int64Value") == 0 &&
	           db_rows_bool(rows, 0, 2) == *(bool *)j->arg && db_rows_is_null(rows, 0, 4) &&
	           ((pb_int64_value *)event)->value == 42;
}

static void assert_event_is_there(bool is_public)
{
	struct job j;

	job_start(&j, &f, look_at_event, &is_public, 0);
	job_await(&j);
	assert_status(j.st, CODE_OK);
	assert_true(j.value);
}

TEST(an_event_is_kept_with_its_topic_and_type_until_it_is_placed)
{
	for (int is_public = 0; is_public < 2; is_public++) {
		struct addition x = {.topic = "channels.channel.17", .is_public = is_public};

		start();
		assert_status(job_run(&f, run_add, &x, 0), CODE_OK);
		assert_int_equal(count(), 1);
		assert_event_is_there(is_public);
		assert_int_equal(n_announced, 1);
		fixture_stop(&f);
	}
}

TEST(a_transaction_that_fails_leaves_no_event_and_announces_none)
{
	struct addition x = {.topic = "channels.channel.17", .fails_then = true};

	start();
	assert_status(job_run(&f, run_add, &x, 0), CODE_INVALID_ARGUMENT);
	assert_int_equal(count(), 0);
	assert_int_equal(n_announced, 0);
	fixture_stop(&f);
}

TEST(a_topic_that_is_not_of_the_service_is_refused)
{
	static const char *const topics[] = {"",           "channels",           "channels.",
	                                     "users.1",    "channels.Big",       "channels.a b",
	                                     "channelsx.", "channels.heartbeat", "channels/a"};

	start();
	for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
		struct addition x = {.topic = topics[i]};

		assert_status(job_run(&f, run_add, &x, 0), CODE_INTERNAL);
	}
	assert_int_equal(count(), 0);
	fixture_stop(&f);
}

static status add_another_type(struct db_tx *tx, void *arg)
{
	pb_string_value event;

	(void)arg;
	pb_string_value_init(&event);
	return outbox_add(tx, &trial_outbox, "channels.channel.17", &event.base);
}

OUTBOX_DEFINE(other_outbox, "channels", &pb_string_value_schema);

static status add_large(struct db_tx *tx, void *arg)
{
	pb_string_value event;

	pb_string_value_init(&event);
	event.value = arg;
	return outbox_add(tx, &other_outbox, "channels.channel.17", &event.base);
}

static void run_another_type(struct job *j)
{
	j->st = db_tx_run(j->f->db, &j->f->arena, add_another_type, NULL);
}

static void run_large(struct job *j)
{
	j->st = db_tx_run(j->f->db, &j->f->arena, add_large, j->arg);
}

TEST(an_event_of_a_type_that_was_not_declared_is_refused)
{
	start();
	assert_status(job_run(&f, run_another_type, NULL, 0), CODE_INTERNAL);
	assert_int_equal(count(), 0);
	fixture_stop(&f);
}

TEST(an_event_that_is_too_large_is_refused)
{
	static char text[OUTBOX_MAX_EVENT_BYTES + 1];

	memset(text, 'a', sizeof text - 1);
	start();
	assert_status(job_run(&f, run_large, text, 0), CODE_RESOURCE_EXHAUSTED);
	text[OUTBOX_MAX_EVENT_BYTES - 16] = '\0';
	assert_status(job_run(&f, run_large, text, 0), CODE_OK);
	assert_int_equal(count(), 1);
	fixture_stop(&f);
}

TEST(a_type_is_found_by_its_full_name)
{
	assert_ptr_equal(outbox_find_type(&trial_outbox, STR("google.protobuf.Int64Value")),
	                 &pb_int64_value_schema);
	assert_null(outbox_find_type(&trial_outbox, STR("google.protobuf.StringValue")));
}

TEST_MAIN(migrate, NULL)
