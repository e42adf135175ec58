/*
 * The database goes away under relays and consumers, and comes back. A cluster of its own.
 */
#include "test/integration/outbox/stream.h"

#include "db/migrate.h"
#include "migrations/migrations.h"

#define URL   "inproc://outage.events"
#define URL_B "inproc://outage_b.events"

static struct pg_cluster     *cluster;
static char                   url[PG_URL_BYTES];
static struct stream          s;
static struct stream_relay    a, b;
static struct stream_consumer c;

static int setup(void **state __attribute__((unused)))
{
	struct arena arena;
	unsigned     applied;

	cluster = pg_cluster_new();
	pg_database_new(cluster, url);
	arena_init(&arena, 1 << 20);
	assert_status(db_migrate(url, &migrations_channels, 30000, &arena, &applied), CODE_OK);
	arena_fini(&arena);
	return 0;
}

static int teardown(void **state __attribute__((unused)))
{
	pg_cluster_free(cluster);
	return 0;
}

static void ping(struct job *j)
{
	j->st = db_ping(j->f->db, &j->f->arena);
}

static bool is_back(void *arg)
{
	(void)arg;
	return job_run(&s.f, ping, NULL, 0).code == CODE_OK;
}

static void strike(bool is_crash)
{
	pg_cluster_stop(cluster, is_crash);
	pg_cluster_start(cluster);
	stream_await(&s, is_back, NULL);
}

/* These clusters do not wait for the disk when a transaction commits; placing does all the same. */
TEST(what_was_told_is_still_there_after_the_database_crashed)
{
	stream_start(&s, url);
	c = (struct stream_consumer){0};
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
	stream_relay_start(&b, &s, URL_B, (struct outbox_relay_config){0});
	stream_consumer_start(&c, &s, URL "," URL_B);
	for (int64_t i = 0; i < 6; i++) {
		stream_tell(&s, 1 + i * 20, 20);
		stream_consumer_await(&c, 20 + 20 * (size_t)i);
		strike(i % 2 == 0);
	}
	stream_consumer_await_complete(&c);
	stream_consumer_assert(&c, 1, 120);
	assert_int_equal(stream_last_position(&s), 120);
	assert_int_equal(c.n_rebuilds, 1);
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_relay_stop(&b);
	stream_stop(&s);
}

TEST(who_ends_without_a_database_ends_in_time)
{
	stream_start(&s, url);
	c = (struct stream_consumer){0};
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
	stream_consumer_start(&c, &s, URL);
	stream_consumer_await_complete(&c);
	pg_cluster_stop(cluster, true);
	stream_relay_stop(&a);
	stream_consumer_stop(&c);
	pg_cluster_start(cluster);
	stream_await(&s, is_back, NULL);
	stream_stop(&s);
}

TEST_MAIN(setup, teardown)
