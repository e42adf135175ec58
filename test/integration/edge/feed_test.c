#include "edge/feed.h"

#include "base/clock.h"
#include "edge/internal.h"
#include "google/protobuf/wrappers.schema.h"
#include "pb/message.h"
#include "runtime/address.h"
#include "test/integration/outbox/stream.h"

#define URL "inproc://feed.events"

enum { MAX_HEARD = 2000, SOON_MS = 300, LONG_MS = 20000 };

static char                url[PG_URL_BYTES];
static struct stream       s;
static struct stream_relay relay;
static struct edge         e;

/* A listener that keeps what it hears, and does something at one of the facts. */
struct ear {
	struct edge_feed_listener listener;
	int64_t                   values[MAX_HEARD];
	size_t                    n;
	unsigned                  n_gaps;
	bool                      is_misplaced; /* a fact was not where the feed said it stands */
	int64_t                   act_at;       /* position; 0: never */
	void (*act)(struct ear *ear);
	struct ear *other;
};

static int64_t value_of(const events_event *event)
{
	const str         payload = {(const char *)event->payload.data, event->payload.len};
	ProtobufCMessage *m;
	struct arena      a;
	int64_t           value = -1;

	arena_init(&a, 4096);
	if (pb_unpack(&a, pb_int64_value_schema.descriptor, payload, &m).code == CODE_OK)
		value = ((pb_int64_value *)m)->value;
	arena_fini(&a);
	return value;
}

static void on_fact(void *arg, const events_event *event)
{
	struct ear                  *ear = arg;
	const struct events_position at = edge_feed_position(&e, "channels");

	if (at.position != event->position || at.epoch != event->epoch || ear->n == MAX_HEARD)
		ear->is_misplaced = true;
	else
		ear->values[ear->n++] = value_of(event);
	if (ear->act_at == event->position)
		ear->act(ear);
}

static void on_gap(void *arg)
{
	((struct ear *)arg)->n_gaps++;
}

static status hear(struct ear *ear, const char *service)
{
	ear->listener =
	        (struct edge_feed_listener){.on_fact = on_fact, .on_gap = on_gap, .arg = ear};
	return edge_feed_listen(&e, service, &ear->listener);
}

static void assert_heard(const struct ear *ear, int64_t first, size_t n)
{
	assert_false(ear->is_misplaced);
	assert_int_equal(ear->n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(ear->values[i], first + (int64_t)i);
}

/* ---- the edge loop: as much of it as a feed knows ---- */

static const struct rpc_service        channels = {.short_name = "channels"};
static const struct rpc_service *const services[] = {&channels, NULL};
static const struct runtime_address    addresses[] = {
           {.service = "channels", .urls = "inproc://stream", .events = URL},
           {.service = "silent", .urls = "inproc://stream", .events = ""},
           {0}};
static const struct edge_host host = {.services = services, .addresses = addresses};

static int migrate(void **state __attribute__((unused)))
{
	stream_migrate(url);
	return 0;
}

static void start(void)
{
	stream_start(&s, url);
	stream_relay_start(&relay, &s, URL, (struct outbox_relay_config){0});
	e = (struct edge){.host = &host, .loop = s.f.loop, .fibers = s.f.fibers};
	list_init(&e.feeds);
	arena_init(&e.arena, 1 << 20);
	assert_status(rpc_client_new(&(struct rpc_client_config){.loop = s.f.loop,
	                                                         .keys = &s.keys,
	                                                         .name = STR("edge")},
	                             &e.clients[0]),
	              CODE_OK);
	assert_status(rpc_client_add(e.clients[0], STR("inproc://stream")), CODE_OK);
}

static bool has_left(void *arg)
{
	return edge_feed_leave(arg);
}

static void stop(void)
{
	stream_await(&s, has_left, &e);
	edge_feed_stop(&e);
	rpc_client_free(e.clients[0]);
	arena_fini(&e.arena);
	stream_relay_stop(&relay);
	stream_stop(&s);
}

static void await_job(struct job *j)
{
	j->st = edge_feed_await(&e, "channels", clock_after_ms(*(int *)j->arg));
}

static status await_complete(int timeout_ms)
{
	return job_run(&s.f, await_job, &timeout_ms, 0);
}

struct hearing {
	const struct ear *ear;
	size_t            n;
};

static bool has_heard(void *arg)
{
	const struct hearing *h = arg;

	return h->ear->n >= h->n || h->ear->is_misplaced;
}

static void await_heard(const struct ear *ear, size_t n)
{
	stream_await(&s, has_heard, &(struct hearing){ear, n});
}

/* ---- */

TEST(who_listens_hears_every_fact_from_then_on)
{
	static struct ear first, second;

	start();
	first = second = (struct ear){0};
	stream_tell(&s, 1, 10);
	stream_await_placed(&s);
	assert_int_equal(edge_feed_position(&e, "channels").position, 0);
	assert_status(hear(&first, "channels"), CODE_OK);
	assert_status(await_complete(LONG_MS), CODE_OK);
	assert_true(edge_feed_is_complete(&e, "channels"));
	assert_int_equal(edge_feed_position(&e, "channels").position, 10);
	stream_tell_many(&s, 11, 500);
	await_heard(&first, 500);
	assert_status(hear(&second, "channels"), CODE_OK);
	stream_tell(&s, 511, 20);
	await_heard(&first, 520);
	assert_heard(&first, 11, 520);
	assert_heard(&second, 511, 20);
	assert_int_equal(edge_feed_position(&e, "channels").position, 530);
	edge_feed_ignore(&e, &first.listener);
	edge_feed_ignore(&e, &first.listener);
	stream_tell(&s, 531, 5);
	await_heard(&second, 25);
	assert_heard(&second, 511, 25);
	assert_heard(&first, 11, 520);
	assert_int_equal(first.n_gaps + second.n_gaps, 0);
	stop();
}

static void ignore_both(struct ear *ear)
{
	edge_feed_ignore(&e, &ear->other->listener);
	edge_feed_ignore(&e, &ear->listener);
}

TEST(who_ignores_in_a_callback_hears_no_more)
{
	static struct ear last, next, actor, witness;

	start();
	last = next = actor = witness = (struct ear){0};
	/* Who came later hears earlier: witness, actor, next, last. */
	assert_status(hear(&last, "channels"), CODE_OK);
	assert_status(hear(&next, "channels"), CODE_OK);
	assert_status(hear(&actor, "channels"), CODE_OK);
	assert_status(hear(&witness, "channels"), CODE_OK);
	actor.act_at = 3;
	actor.act = ignore_both;
	actor.other = &next;
	assert_status(await_complete(LONG_MS), CODE_OK);
	stream_tell_many(&s, 1, 6);
	await_heard(&last, 6);
	assert_heard(&witness, 1, 6);
	assert_heard(&actor, 1, 3);
	assert_heard(&next, 1, 2);
	assert_heard(&last, 1, 6);
	stop();
}

static void listen_other(struct ear *ear)
{
	status st = hear(ear->other, "channels");

	if (st.code != CODE_OK)
		ear->is_misplaced = true;
}

TEST(who_begins_to_listen_in_a_callback_hears_what_comes_after)
{
	static struct ear actor, newcomer;

	start();
	actor = newcomer = (struct ear){0};
	assert_status(hear(&actor, "channels"), CODE_OK);
	actor.act_at = 3;
	actor.act = listen_other;
	actor.other = &newcomer;
	assert_status(await_complete(LONG_MS), CODE_OK);
	stream_tell_many(&s, 1, 6);
	await_heard(&actor, 6);
	assert_heard(&actor, 1, 6);
	assert_heard(&newcomer, 4, 3);
	stop();
}

static bool has_gap(void *arg)
{
	return ((struct ear *)arg)->n_gaps > 0;
}

TEST(facts_that_are_not_kept_are_a_gap)
{
	static struct ear ear;

	start();
	ear = (struct ear){0};
	assert_status(hear(&ear, "channels"), CODE_OK);
	assert_status(await_complete(LONG_MS), CODE_OK);
	stream_tell(&s, 1, 4);
	await_heard(&ear, 4);
	stream_relay_stop(&relay);
	pg_exec(url, "UPDATE channels.stream SET next_position = next_position + 10");
	stream_await(&s, has_gap, &ear);
	assert_int_equal(edge_feed_position(&e, "channels").position, 14);
	assert_false(edge_feed_is_complete(&e, "channels"));
	stream_relay_start(&relay, &s, URL, (struct outbox_relay_config){0});
	assert_status(await_complete(LONG_MS), CODE_OK);
	stream_tell(&s, 5, 4);
	await_heard(&ear, 8);
	assert_heard(&ear, 1, 8);
	assert_int_equal(ear.n_gaps, 1);
	stop();
}

TEST(nothing_is_missed_while_nobody_publishes)
{
	static struct ear ear;

	start();
	ear = (struct ear){0};
	assert_status(hear(&ear, "channels"), CODE_OK);
	assert_status(await_complete(LONG_MS), CODE_OK);
	stream_relay_kill(&relay);
	stream_tell(&s, 1, 50);
	stream_relay_start(&relay, &s, URL, (struct outbox_relay_config){0});
	await_heard(&ear, 50);
	assert_heard(&ear, 1, 50);
	assert_int_equal(ear.n_gaps, 0);
	stop();
}

TEST(who_waits_for_a_stream_that_does_not_come_is_told)
{
	static struct ear ear;
	struct job        j;
	int               long_ms = LONG_MS;

	start();
	ear = (struct ear){0};
	assert_status(await_complete(SOON_MS), CODE_NOT_FOUND);
	stream_relay_stop(&relay);
	assert_status(hear(&ear, "channels"), CODE_OK);
	assert_status(await_complete(SOON_MS), CODE_UNAVAILABLE);
	job_start(&j, &s.f, await_job, &long_ms, 0);
	fiber_cancel(j.fiber);
	job_await(&j);
	assert_status(j.st, CODE_CANCELLED);
	stream_relay_start(&relay, &s, URL, (struct outbox_relay_config){0});
	assert_status(await_complete(LONG_MS), CODE_OK);
	stop();
}

TEST(a_stream_that_has_not_begun_is_waited_for)
{
	static struct ear ear;

	start();
	ear = (struct ear){0};
	stream_relay_stop(&relay);
	pg_exec(url, "UPDATE channels.stream SET epoch = 0, origin = ''");
	assert_status(hear(&ear, "channels"), CODE_OK);
	assert_status(await_complete(SOON_MS), CODE_UNAVAILABLE);
	assert_int_equal(edge_feed_position(&e, "channels").epoch, 0);
	stream_relay_start(&relay, &s, URL, (struct outbox_relay_config){0});
	assert_status(await_complete(LONG_MS), CODE_OK);
	assert_true(edge_feed_position(&e, "channels").epoch > 0);
	assert_int_equal(edge_feed_position(&e, "channels").position, 0);
	stop();
}

TEST(services_without_events_cannot_be_listened_to)
{
	static struct ear ear;

	start();
	ear = (struct ear){0};
	assert_status(hear(&ear, "nobody"), CODE_NOT_FOUND);
	assert_status(hear(&ear, "silent"), CODE_NOT_FOUND);
	edge_feed_ignore(&e, &ear.listener);
	assert_false(edge_feed_is_complete(&e, "nobody"));
	stop();
}

TEST(a_loop_that_ends_forgets_its_listeners)
{
	static struct ear ear;

	start();
	ear = (struct ear){0};
	assert_status(hear(&ear, "channels"), CODE_OK);
	assert_status(await_complete(LONG_MS), CODE_OK);
	edge_feed_stop(&e);
	edge_feed_ignore(&e, &ear.listener);
	assert_false(edge_feed_is_complete(&e, "channels"));
	stop();
}

TEST_MAIN(migrate, NULL)
