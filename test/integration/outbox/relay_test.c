#include "test/integration/outbox/stream.h"

#define URL   "inproc://relay.events"
#define URL_B "inproc://relay_b.events"

enum { NEVER_MS = 600000 };

static char                   url[PG_URL_BYTES];
static struct stream          s;
static struct stream_relay    a, b;
static struct stream_consumer c, d;

static int migrate(void **state __attribute__((unused)))
{
	stream_migrate(url);
	return 0;
}

static void start(void)
{
	stream_start(&s, url);
	c = d = (struct stream_consumer){0};
}

TEST(what_is_committed_reaches_every_consumer_in_order)
{
	start();
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
	stream_consumer_start(&c, &s, URL);
	stream_consumer_start(&d, &s, URL);
	stream_tell(&s, 1, 100);
	stream_consumer_await(&c, 100);
	stream_consumer_await(&d, 100);
	stream_consumer_await_complete(&c);
	stream_consumer_assert(&c, 1, 100);
	stream_consumer_assert(&d, 1, 100);
	stream_consumer_stop(&c);
	stream_consumer_stop(&d);
	stream_relay_stop(&a);
	stream_stop(&s);
}

TEST(what_is_rolled_back_has_no_position_and_is_told_to_nobody)
{
	start();
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
	stream_consumer_start(&c, &s, URL);
	stream_tell(&s, 1, 3);
	stream_take_back(&s, 99);
	stream_tell(&s, 4, 3);
	stream_consumer_await(&c, 6);
	stream_consumer_await_complete(&c);
	stream_consumer_assert(&c, 1, 6);
	assert_int_equal(stream_last_position(&s), 6);
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_stop(&s);
}

TEST(what_was_committed_before_is_placed_in_many_batches)
{
	start();
	stream_tell_many(&s, 1, 3000);
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
	stream_consumer_start(&c, &s, URL);
	stream_consumer_await(&c, 3000);
	stream_consumer_assert(&c, 1, 3000);
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_stop(&s);
}

TEST(a_transaction_of_its_own_db_wakes_the_relay_at_once)
{
	start();
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){.poll_ms = NEVER_MS});
	stream_relay_await_leader(&a);
	stream_consumer_start(&c, &s, URL);
	stream_tell_by(&s, a.writer, 1, 20);
	stream_consumer_await(&c, 20);
	stream_consumer_assert(&c, 1, 20);
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_stop(&s);
}

TEST(one_relay_leads_and_gives_the_lease_back_when_it_ends)
{
	start();
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){.lease_ms = NEVER_MS});
	stream_relay_await_leader(&a);
	stream_relay_start(&b, &s, URL_B, (struct outbox_relay_config){0});
	stream_consumer_start(&c, &s, URL "," URL_B);
	stream_tell(&s, 1, 10);
	stream_consumer_await(&c, 10);
	assert_false(outbox_relay_is_leader(b.relay));
	stream_tell(&s, 11, 10);
	stream_relay_stop(&a);
	assert_int_equal(stream_last_position(&s), 20);
	stream_relay_await_leader(&b);
	stream_tell(&s, 21, 10);
	stream_consumer_await(&c, 30);
	stream_consumer_await_complete(&c);
	stream_consumer_assert(&c, 1, 30);
	stream_consumer_stop(&c);
	stream_relay_stop(&b);
	stream_stop(&s);
}

TEST(a_relay_that_died_is_followed_by_another_one)
{
	start();
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
	stream_relay_await_leader(&a);
	stream_relay_start(&b, &s, URL_B, (struct outbox_relay_config){0});
	stream_consumer_start(&c, &s, URL "," URL_B);
	stream_consumer_await_complete(&c);
	stream_relay_kill(&a);
	stream_tell(&s, 1, 10);
	stream_relay_await_leader(&b);
	stream_consumer_await(&c, 10);
	stream_consumer_await_complete(&c);
	stream_consumer_assert(&c, 1, 10);
	assert_int_equal(c.n_rebuilds, 1);
	stream_consumer_stop(&c);
	stream_relay_stop(&b);
	stream_stop(&s);
}

TEST(a_lease_that_was_taken_away_ends_the_lead)
{
	start();
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
	stream_relay_await_leader(&a);
	stream_relay_start(&b, &s, URL_B, (struct outbox_relay_config){0});
	stream_consumer_start(&c, &s, URL "," URL_B);
	for (int64_t i = 0; i < 10; i++) {
		stream_tell(&s, 1 + i * 10, 10);
		pg_exec(url, "UPDATE channels.stream SET owner = 1, lease_until = '-infinity'");
		stream_consumer_await(&c, (size_t)(1 + i) * 10);
	}
	stream_consumer_assert(&c, 1, 100);
	assert_int_equal(stream_last_position(&s), 100);
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_relay_stop(&b);
	stream_stop(&s);
}

static bool has_none_left(void *arg)
{
	return stream_count(arg) == 0;
}

TEST(what_is_old_is_forgotten_and_positions_go_on)
{
	start();
	stream_tell_many(&s, 1, 2500);
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){.keep_ms = 1, .prune_ms = 10});
	stream_await(&s, has_none_left, &s);
	assert_int_equal(stream_last_position(&s), 2500);
	c.snapshot = (struct events_position){0, 2500};
	stream_consumer_start(&c, &s, URL);
	stream_consumer_await_complete(&c);
	stream_tell(&s, 2501, 1);
	stream_await(&s, has_none_left, &s);
	stream_consumer_await(&c, 1);
	stream_consumer_assert(&c, 2501, 1);
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_stop(&s);
}

TEST(what_is_young_is_kept_behind_what_is_old)
{
	start();
	stream_tell_many(&s, 1, 10);
	stream_relay_start(&a, &s, URL,
	                   (struct outbox_relay_config){.keep_ms = NEVER_MS, .prune_ms = 10});
	stream_await_placed(&s);
	pg_exec(url, "UPDATE channels.outbox SET created_time = '2000-01-01'"
	             " WHERE position <= 3 OR position = 7");
	while (stream_count(&s) > 7)
		loop_turn(s.f.loop, 10);
	stream_tell(&s, 11, 1);
	stream_await_placed(&s);
	assert_int_equal(stream_count(&s), 8);
	stream_relay_stop(&a);
	stream_stop(&s);
}

static bool has_rebuilt(void *arg)
{
	return ((struct stream_consumer *)arg)->n_rebuilds == 2;
}

TEST(a_database_that_was_put_back_begins_a_new_epoch)
{
	struct events_position before;

	start();
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
	stream_consumer_start(&c, &s, URL);
	stream_tell(&s, 1, 10);
	stream_consumer_await(&c, 10);
	before = c.at;
	assert_true(before.epoch > 0);
	/* As it was after the fifth, and somewhere else. */
	c.at.position = 5;
	c.at.epoch = 0;
	pg_exec(url, "BEGIN; DELETE FROM channels.outbox WHERE position > 5;"
	             "UPDATE channels.stream SET next_position = 6, origin = 'elsewhere'; COMMIT");
	stream_await(&s, has_rebuilt, &c);
	stream_tell(&s, 11, 5);
	stream_consumer_await(&c, 15);
	stream_consumer_await_complete(&c);
	assert_int_equal(c.at.position, 10);
	assert_true(c.at.epoch > before.epoch);
	stream_consumer_assert(&c, 1, 15);
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_stop(&s);
}

struct placement {
	int64_t owner_delta, epoch_delta, position_delta;
	size_t  n_rows;
};

DB_QUERY(select_stream, "SELECT owner, epoch, next_position FROM channels.stream");

static void place_by_hand(struct job *j)
{
	struct placement *p = j->arg;
	struct db_rows   *rows;

	j->st = db_read(j->f->db, &j->f->arena, &select_stream, DB_NO_ARGS, &rows);
	if (j->st.code != CODE_OK)
		return;
	j->st = db_write(j->f->db, &j->f->arena, stream_outbox.queries->place,
	                 DB_ARGS(DB_I64(db_rows_i64(rows, 0, 0) + p->owner_delta),
	                         DB_I64(db_rows_i64(rows, 0, 1) + p->epoch_delta),
	                         DB_I64(db_rows_i64(rows, 0, 2) + p->position_delta), DB_I64(100),
	                         DB_I64(1000000), DB_I64(1000)),
	                 &rows);
	p->n_rows = db_rows_count(rows);
}

static size_t count_placed(struct placement p)
{
	assert_status(job_run(&s.f, place_by_hand, &p, 0), CODE_OK);
	return p.n_rows;
}

TEST(a_statement_of_a_former_lead_places_nothing)
{
	start();
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
	stream_tell(&s, 1, 10);
	stream_await_placed(&s);
	stream_relay_kill(&a);
	stream_tell(&s, 11, 5);
	assert_int_equal(count_placed((struct placement){.owner_delta = 1}), 0);
	assert_int_equal(count_placed((struct placement){.epoch_delta = -1}), 0);
	/* It placed the ten, and nobody knew. */
	assert_int_equal(count_placed((struct placement){.position_delta = -10}), 0);
	assert_int_equal(stream_last_position(&s), 10);
	assert_int_equal(count_placed((struct placement){0}), 5);
	assert_int_equal(stream_last_position(&s), 15);
	stream_stop(&s);
}

TEST_MAIN(migrate, NULL)
