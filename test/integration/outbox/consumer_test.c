#include "test/integration/outbox/stream.h"

#include "base/clock.h"
#include "google/protobuf/wrappers.schema.h"
#include "pb/message.h"

#include <string.h>

#define URL        "inproc://consumer.events"
#define URL_STRAY  "inproc://stray.events"
#define URL_NOBODY "inproc://nobody.events"

enum { NEVER_MS = 600000 };

static char                     url[PG_URL_BYTES];
static struct stream            s;
static struct stream_relay      a;
static struct stream_consumer   c;
static struct events_publisher *stray; /* somebody else who publishes what it likes */

static int migrate(void **state __attribute__((unused)))
{
	stream_migrate(url);
	return 0;
}

static void start(void)
{
	stream_start(&s, url);
	c = (struct stream_consumer){0};
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
}

static void stop(void)
{
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_stop(&s);
}

static void start_with_stray(void)
{
	start();
	assert_status(events_publisher_new(&stray), CODE_OK);
	assert_status(events_publisher_listen(stray, EVENTS_INTERNAL, STR(URL_STRAY), NULL),
	              CODE_OK);
	c.silence_ms = NEVER_MS;
	stream_consumer_start(&c, &s, URL "," URL_STRAY);
}

static void stop_with_stray(void)
{
	events_publisher_free(stray);
	stop();
}

/* What the stray publisher says; a fact carries the number. */
static void say(int kind, int64_t epoch, int64_t position, int64_t number)
{
	static char    service[] = "channels", topic[] = "channels.number";
	static char    type[] = "google.protobuf.Int64Value";
	uint8_t        packed[16];
	pb_int64_value value;
	events_event   event;

	pb_int64_value_init(&value);
	value.value = number;
	events_event_init(&event);
	event.kind = (typeof(event.kind))kind;
	event.service = service;
	event.topic = topic;
	event.type = type;
	event.epoch = epoch;
	event.position = position;
	event.payload.len = protobuf_c_message_pack(&value.base, packed);
	event.payload.data = packed;
	assert_status(events_publisher_send(stray, &event), CODE_OK);
}

static bool has_signal(void *arg)
{
	const unsigned before = *(unsigned *)arg;

	return c.n_signals > before;
}

/* Says it until it was heard: before a connection is made nobody hears. */
static void say_signal_until_heard(void)
{
	unsigned before = c.n_signals;

	while (c.n_signals == before) {
		say(EVENTS_KIND_SIGNAL, 0, 0, 0);
		loop_turn(s.f.loop, 10);
	}
}

/* All that was said before it was heard. */
static void say_signal(void)
{
	unsigned before = c.n_signals;

	say(EVENTS_KIND_SIGNAL, 0, 0, 0);
	stream_await(&s, has_signal, &before);
}

TEST(what_is_heard_again_is_applied_once)
{
	start_with_stray();
	stream_tell(&s, 1, 10);
	stream_consumer_await(&c, 10);
	say_signal_until_heard();
	for (int64_t i = 1; i <= 10; i++)
		say(EVENTS_KIND_FACT, c.at.epoch, i, i);
	say_signal();
	stream_tell(&s, 11, 10);
	stream_consumer_await(&c, 20);
	stream_consumer_await_complete(&c);
	stream_consumer_assert(&c, 1, 20);
	stop_with_stray();
}

TEST(a_position_that_is_ahead_is_looked_after_before_the_stream_is_complete_again)
{
	unsigned n_lost;

	start_with_stray();
	stream_tell(&s, 1, 10);
	stream_consumer_await(&c, 10);
	say_signal_until_heard();
	stream_consumer_await_complete(&c);
	n_lost = c.n_lost;
	say(EVENTS_KIND_HEARTBEAT, c.at.epoch, 15, 0);
	say_signal();
	assert_int_equal(c.n_lost, n_lost + 1);
	stream_consumer_await_complete(&c);
	say(EVENTS_KIND_FACT, c.at.epoch, 15, 15);
	say_signal();
	assert_int_equal(c.n_lost, n_lost + 2);
	stream_consumer_await_complete(&c);
	stream_consumer_assert(&c, 1, 10);
	assert_int_equal(c.n_rebuilds, 1);
	stop_with_stray();
}

TEST(what_is_told_of_another_epoch_changes_nothing)
{
	unsigned n_lost;

	start_with_stray();
	stream_tell(&s, 1, 10);
	stream_consumer_await(&c, 10);
	say_signal_until_heard();
	stream_consumer_await_complete(&c);
	n_lost = c.n_lost;
	for (int64_t i = 11; i < 20; i++)
		say(EVENTS_KIND_FACT, c.at.epoch - 1, i, 99);
	say_signal();
	stream_consumer_await_complete(&c);
	assert_int_equal(c.n_lost, n_lost + 1);
	say(EVENTS_KIND_HEARTBEAT, c.at.epoch - 1, 99, 0);
	say_signal();
	assert_int_equal(c.n_lost, n_lost + 1);
	stream_tell(&s, 11, 10);
	stream_consumer_await(&c, 20);
	stream_consumer_assert(&c, 1, 20);
	assert_int_equal(c.n_rebuilds, 1);
	stop_with_stray();
}

TEST(who_hears_nothing_reads_and_is_not_complete)
{
	start();
	stream_consumer_start(&c, &s, URL_NOBODY);
	stream_tell(&s, 1, 10);
	stream_consumer_await(&c, 10);
	stream_tell(&s, 11, 1200);
	stream_consumer_await(&c, 1210);
	stream_consumer_assert(&c, 1, 1210);
	assert_false(events_consumer_is_complete(c.consumer));
	assert_int_equal(c.n_completed, 0);
	stop();
}

static bool is_incomplete(void *arg)
{
	return !events_consumer_is_complete(arg);
}

static bool has_lost(void *arg)
{
	return c.n_lost > *(unsigned *)arg;
}

TEST(silence_ends_completeness_until_it_is_over)
{
	unsigned n_lost;

	start();
	stream_consumer_start(&c, &s, URL);
	stream_tell(&s, 1, 10);
	stream_consumer_await(&c, 10);
	stream_consumer_await_complete(&c);
	n_lost = c.n_lost;
	stream_relay_kill(&a);
	stream_await(&s, is_incomplete, c.consumer);
	stream_await(&s, has_lost, &n_lost);
	stream_tell(&s, 11, 10);
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
	stream_consumer_await_complete(&c);
	stream_consumer_await(&c, 20);
	stream_consumer_assert(&c, 1, 20);
	stop();
}

static bool is_held(void *arg)
{
	return ((struct stream_consumer *)arg)->held != NULL;
}

TEST(events_that_overflow_are_read_again)
{
	enum { MANY = 30000 }; /* more than the buffers at both ends hold */
	unsigned n_lost;

	start();
	stream_consumer_start(&c, &s, URL);
	stream_consumer_await_complete(&c);
	n_lost = c.n_lost;
	c.is_held = true;
	stream_tell(&s, 1, 1);
	stream_await(&s, is_held, &c);
	stream_tell_many(&s, 2, MANY - 1);
	stream_await_placed(&s);
	stream_consumer_release(&c);
	stream_consumer_await(&c, MANY);
	stream_consumer_await_complete(&c);
	stream_consumer_assert(&c, 1, MANY);
	assert_true(c.n_lost > n_lost);
	stop();
}

TEST(what_could_not_be_applied_is_applied_later)
{
	start();
	stream_consumer_start(&c, &s, URL);
	c.n_to_fail = 3;
	stream_tell(&s, 1, 50);
	stream_consumer_await(&c, 50);
	stream_consumer_await_complete(&c);
	stream_consumer_assert(&c, 1, 50);
	assert_int_equal(c.n_to_fail, 0);
	stop();
}

TEST(who_asks_for_what_is_no_longer_kept_begins_from_a_snapshot)
{
	start();
	stream_tell(&s, 1, 10);
	stream_await_placed(&s);
	pg_exec(url, "DELETE FROM channels.outbox WHERE position <= 5");
	c.later = (struct events_position){0, 7};
	stream_consumer_start(&c, &s, URL);
	stream_consumer_await(&c, 3);
	stream_consumer_await_complete(&c);
	stream_consumer_assert(&c, 8, 3);
	assert_int_equal(c.n_rebuilds, 2);
	stop();
}

TEST(who_is_ahead_of_the_stream_begins_from_a_snapshot)
{
	start();
	stream_tell(&s, 1, 10);
	stream_await_placed(&s);
	c.snapshot = (struct events_position){0, 11};
	c.later = (struct events_position){0, 9};
	stream_consumer_start(&c, &s, URL);
	stream_consumer_await(&c, 1);
	stream_consumer_await_complete(&c);
	stream_consumer_assert(&c, 10, 1);
	assert_int_equal(c.n_rebuilds, 2);
	stop();
}

static bool has_rebuilt_often(void *arg)
{
	return ((struct stream_consumer *)arg)->n_rebuilds == 4;
}

TEST(snapshots_that_are_of_no_use_are_not_taken_without_a_pause)
{
	int64_t started_ns;

	start();
	stream_tell(&s, 1, 5);
	stream_await_placed(&s);
	c.snapshot = (struct events_position){0, 99};
	started_ns = clock_now_ns();
	stream_consumer_start(&c, &s, URL);
	stream_await(&s, has_rebuilt_often, &c);
	/* 50, 100 and 200 ms */
	assert_true(clock_now_ns() - started_ns >= 350 * CLOCK_NS_PER_MS);
	stop();
}

TEST(a_publisher_that_comes_back_is_heard_again)
{
	char ipc[STREAM_URL_BYTES];

	start();
	stream_relay_stop(&a);
	stream_ipc_url(ipc, "back");
	stream_consumer_start(&c, &s, ipc);
	for (int64_t i = 0; i < 3; i++) {
		stream_relay_start(&a, &s, ipc, (struct outbox_relay_config){0});
		stream_tell(&s, 1 + i * 10, 10);
		stream_consumer_await_complete(&c);
		stream_consumer_await(&c, (size_t)(i + 1) * 10);
		if (i < 2)
			stream_relay_stop(&a);
	}
	stream_consumer_assert(&c, 1, 30);
	assert_int_equal(c.n_rebuilds, 1);
	stop();
}

TEST(a_signal_is_heard_and_is_no_fact)
{
	pb_int64_value value;
	unsigned       before;

	start_with_stray();
	say_signal_until_heard();
	before = c.n_signals;
	pb_int64_value_init(&value);
	assert_status(events_publisher_signal(stray, "channels", "channels.typing.17", &value.base,
	                                      false),
	              CODE_OK);
	stream_await(&s, has_signal, &before);
	assert_int_equal(c.n, 0);
	assert_int_equal(stream_last_position(&s), 0);
	assert_status(
	        events_publisher_signal(stray, "channels", "users.typing.17", &value.base, false),
	        CODE_INTERNAL);
	stop_with_stray();
}

TEST(events_of_other_services_and_noise_are_passed_over)
{
	static char  users[] = "users", topic[] = "channels.number";
	events_event event;

	start_with_stray();
	stream_tell(&s, 1, 10);
	stream_consumer_await(&c, 10);
	say_signal_until_heard();
	stream_consumer_await_complete(&c);
	events_event_init(&event);
	event.kind = EVENTS_KIND_FACT;
	event.service = users;
	event.topic = topic;
	event.epoch = c.at.epoch;
	event.position = 11;
	assert_status(events_publisher_send(stray, &event), CODE_OK);
	say(EVENTS_KIND_UNSPECIFIED, c.at.epoch, 11, 99);
	say(77, c.at.epoch, 12, 99);
	say_signal();
	assert_true(events_consumer_is_complete(c.consumer));
	stream_tell(&s, 11, 1);
	stream_consumer_await(&c, 11);
	stream_consumer_assert(&c, 1, 11);
	stop_with_stray();
}

TEST_MAIN(migrate, NULL)
