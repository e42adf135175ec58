#include "events/message.h"

#include "test/support/test.h"

#include <string.h>

static struct arena a;
static struct buf   out;

static int setup(void **state __attribute__((unused)))
{
	arena_init(&a, 1 << 20);
	buf_init(&out, EVENTS_MAX_MESSAGE);
	return 0;
}

static int teardown(void **state __attribute__((unused)))
{
	arena_fini(&a);
	buf_fini(&out);
	return 0;
}

static str write(const char *topic, int64_t position)
{
	events_event event;

	events_event_init(&event);
	event.kind = EVENTS_KIND_FACT;
	event.service = arena_cstr(&a, STR("users"));
	event.topic = arena_cstr(&a, str_c(topic));
	event.position = position;
	buf_reset(&out);
	assert_status(events_message_write(&out, &event), CODE_OK);
	return buf_str(&out);
}

TEST(a_message_is_the_topic_a_space_and_the_event)
{
	const str     message = write("users.account.17", 42);
	events_event *event;

	assert_true(str_starts(message, STR("users.account.17 ")));
	assert_status(events_message_read(&a, message, &event), CODE_OK);
	assert_string_equal(event->topic, "users.account.17");
	assert_int_equal(event->position, 42);
	assert_int_equal(event->kind, EVENTS_KIND_FACT);
}

TEST(a_topic_is_of_its_service_and_of_plain_characters)
{
	static const struct {
		const char *topic;
		bool        is_valid;
	} cases[] = {
	        {"users.a", true},       {"users.account.17", true}, {"users.a_b-c.9", true},
	        {"users", false},        {"users.", false},          {"", false},
	        {"user.a", false},       {"usersx.a", false},        {"users.A", false},
	        {"users.a b", false},    {"users.a\n", false},       {"users.\xc3\xa9", false},
	        {"channels.a", false},   {"users.heartbeat", false}, {"users.heartbeat.1", true},
	        {"users.heartbea", true}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (events_topic_is_valid(str_c(cases[i].topic), STR("users")) != cases[i].is_valid)
			fail_msg("\"%s\"", cases[i].topic);
}

TEST(a_topic_has_an_end)
{
	char topic[EVENTS_MAX_TOPIC + 2] = "users.";

	memset(topic + 6, 'a', EVENTS_MAX_TOPIC - 6);
	assert_true(events_topic_is_valid(str_c(topic), STR("users")));
	topic[EVENTS_MAX_TOPIC] = 'a';
	assert_false(events_topic_is_valid(str_c(topic), STR("users")));
}

TEST(what_is_no_message_is_refused)
{
	static const str messages[] = {STR(""),           STR(" "),
	                               STR("users.a"),    STR("users.a \xff"),
	                               STR("Users.a \n"), STR("users.a \x08")};
	events_event    *event;

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
		assert_status(events_message_read(&a, messages[i], &event), CODE_INVALID_ARGUMENT);
}

TEST(a_message_whose_event_has_another_topic_is_refused)
{
	char          other[64];
	const str     message = write("users.account.17", 1);
	events_event *event;

	memcpy(other, message.ptr, message.len);
	other[15] = '8';
	assert_status(events_message_read(&a, (str){other, message.len}, &event),
	              CODE_INVALID_ARGUMENT);
}

TEST_MAIN(setup, teardown)
