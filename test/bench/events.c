/*
 * How long events take from the acknowledged commit to a consumer's callback, and how many a relay
 * carries. Tables are emptied first:
 *
 *     pkg/db/cluster.sh start build/bench-pg
 *     build/release/test/bench/events_bench $(pkg/db/cluster.sh url build/bench-pg)
 */
#include <stdio.h>
#include <stdlib.h>

#include "db/migrate.h"
#include "google/protobuf/wrappers.schema.h"
#include "log/log.h"
#include "migrations/migrations.h"
#include "test/integration/outbox/stream.h"

enum { N_EVENTS = 2000, N_MANY = 60000, MAX_WRITERS = 16 };

static const char            *url;
static struct stream          s;
static struct stream_relay    a;
static struct stream_consumer c;
static int64_t                committed_ns[N_EVENTS], latency_ns[N_EVENTS];

static int setup(void **state __attribute__((unused)))
{
	struct arena arena;
	unsigned     applied;

	arena_init(&arena, 1 << 20);
	log_setup(LOG_WARN, LOG_LOGFMT);
	assert_status(db_migrate(url, &migrations_channels, 30000, &arena, &applied), CODE_OK);
	arena_fini(&arena);
	return 0;
}

static int64_t next_value;

static status add(struct db_tx *tx, void *arg)
{
	pb_int64_value event;

	pb_int64_value_init(&event);
	event.value = *(int64_t *)arg;
	return outbox_add(tx, &stream_outbox, "channels.number", &event.base);
}

static void write_some(struct job *j)
{
	struct arena arena;

	arena_init(&arena, 1 << 20);
	while (next_value < N_EVENTS && j->st.code == CODE_OK) {
		int64_t value = next_value++;

		j->st = db_tx_run(j->arg, &arena, add, &value);
		committed_ns[value] = clock_now_ns();
		arena_reset(&arena);
	}
	arena_fini(&arena);
}

static int compare(const void *left, const void *right)
{
	const int64_t l = *(const int64_t *)left, r = *(const int64_t *)right;

	return (l > r) - (l < r);
}

/* The consumer's clock is read when its callback is called; see stream_consumer. */
static void report(const char *how, unsigned n_writers, int64_t took_ns)
{
	for (size_t i = 0; i < N_EVENTS; i++)
		latency_ns[i] = c.applied_ns[i] - committed_ns[c.values[i]];
	qsort(latency_ns, N_EVENTS, sizeof *latency_ns, compare);
	printf("%-28s %2u writers  %6.0f commits/s   p50 %6.2f ms   p99 %6.2f ms   max %6.2f ms\n",
	       how, n_writers, N_EVENTS / ((double)took_ns / 1e9),
	       (double)latency_ns[N_EVENTS / 2] / 1e6,
	       (double)latency_ns[N_EVENTS * 99 / 100] / 1e6,
	       (double)latency_ns[N_EVENTS - 1] / 1e6);
}

static void measure(const char *how, const char *at, bool is_woken, unsigned n_writers)
{
	struct job jobs[MAX_WRITERS];
	int64_t    started_ns;

	stream_start(&s, url);
	c = (struct stream_consumer){0};
	stream_relay_start(&a, &s, at, (struct outbox_relay_config){.lease_ms = 1500});
	stream_consumer_start(&c, &s, at);
	stream_consumer_await_complete(&c);
	next_value = 0;
	started_ns = clock_now_ns();
	for (unsigned i = 0; i < n_writers; i++)
		job_start(&jobs[i], &s.f, write_some, is_woken ? a.writer : s.f.db, 0);
	for (unsigned i = 0; i < n_writers; i++)
		job_await(&jobs[i]);
	started_ns = clock_now_ns() - started_ns;
	stream_consumer_await(&c, N_EVENTS);
	report(how, n_writers, started_ns);
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_stop(&s);
}

TEST(latency)
{
	char ipc[STREAM_URL_BYTES];

	stream_ipc_url(ipc, "bench");
	for (unsigned n = 1; n <= MAX_WRITERS; n *= 16) {
		measure("inproc, woken by the commit", "inproc://bench", true, n);
		measure("ipc, woken by the commit", ipc, true, n);
		measure("ipc, found by a look", ipc, false, n);
	}
}

static void measure_many(const char *how, const char *at)
{
	int64_t started_ns;

	stream_start(&s, url);
	c = (struct stream_consumer){0};
	stream_tell_many(&s, 1, N_MANY);
	started_ns = clock_now_ns();
	stream_relay_start(&a, &s, at, (struct outbox_relay_config){.lease_ms = 1500});
	stream_consumer_start(&c, &s, at);
	stream_consumer_await(&c, N_MANY);
	stream_consumer_assert(&c, 1, N_MANY);
	printf("%-28s %6.0f events/s placed, published and applied\n", how,
	       N_MANY / ((double)(clock_now_ns() - started_ns) / 1e9));
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_stop(&s);
}

TEST(throughput)
{
	char ipc[STREAM_URL_BYTES];

	stream_ipc_url(ipc, "bench");
	measure_many("inproc, a backlog", "inproc://bench");
	measure_many("ipc, a backlog", ipc);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: events_bench DB_URL [latency | throughput]\n");
		return 2;
	}
	url = argv[1];
	return test_run(argc - 1, argv + 1, setup, NULL);
}
