#include "services/canaduck/event_json.h"

#include "base/arena.h"
#include "pb/timestamp.h"
#include "test/support/test.h"

#include <string.h>

static struct arena a;
static struct buf   out;

static int setup(void **state __attribute__((unused)))
{
	arena_init(&a, 1 << 20);
	buf_init(&out, 1 << 20);
	return 0;
}

static int teardown(void **state __attribute__((unused)))
{
	arena_fini(&a);
	buf_fini(&out);
	return 0;
}

static void fill(events_event *event)
{
	events_event_init(event);
	event->kind = EVENTS_KIND_FACT;
	event->service = arena_cstr(&a, STR("users"));
	event->epoch = 5;
	event->position = 7;
	event->topic = arena_cstr(&a, STR("users.account.17"));
	event->time = pb_timestamp_from_us(&a, 1795249584120036);
	event->type = arena_cstr(&a, STR("canaduck.nobody.v1.Knows"));
	event->payload = (ProtobufCBinaryData){2, (uint8_t *)(uintptr_t) "\x08\x07"};
}

TEST(an_event_is_a_line_of_json)
{
	events_event event;

	fill(&event);
	buf_reset(&out);
	assert_status(event_json_print(&out, &event), CODE_OK);
	assert_str(buf_str(&out),
	           "{\"service\":\"users\",\"epoch\":5,\"position\":7,"
	           "\"topic\":\"users.account.17\",\"time\":\"2026-11-21T08:26:24.120036Z\","
	           "\"type\":\"canaduck.nobody.v1.Knows\",\"public\":false,"
	           "\"payload\":\"CAc=\"}\n");
}

TEST(a_signal_has_no_position)
{
	events_event event;

	fill(&event);
	event.kind = EVENTS_KIND_SIGNAL;
	event.position = event.epoch = 0;
	event.time = NULL;
	event.public_ = true;
	buf_reset(&out);
	assert_status(event_json_print(&out, &event), CODE_OK);
	assert_str(buf_str(&out), "{\"service\":\"users\",\"topic\":\"users.account.17\","
	                          "\"type\":\"canaduck.nobody.v1.Knows\",\"public\":true,"
	                          "\"payload\":\"CAc=\"}\n");
}

TEST_MAIN(setup, teardown)
