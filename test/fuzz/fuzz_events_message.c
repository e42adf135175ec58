/*
 * A message as a publisher may send it. What is accepted has a topic of plain characters, the same
 * as its event's, and means the same when it is written again.
 */
#include "test/fuzz/fuzz.h"

#include <string.h>

#include "events/message.h"
#include "pb/message.h"

static void require_plain(const char *topic)
{
	fuzz_require(*topic != '\0' && strlen(topic) <= EVENTS_MAX_TOPIC);
	for (; *topic; topic++)
		fuzz_require(*topic > ' ' && *topic < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena  a;
	struct buf    first, second;
	events_event *event, *again;

	arena_init(&a, 16 * 1024 * 1024);
	/* Unknown fields are kept, and what was written in another order takes as much room. */
	buf_init(&first, 2 * EVENTS_MAX_MESSAGE);
	buf_init(&second, 2 * EVENTS_MAX_MESSAGE);
	if (events_message_read(&a, (str){(const char *)data, size}, &event).code == CODE_OK) {
		require_plain(event->topic);
		fuzz_require(events_message_write(&first, event).code == CODE_OK);
		if (first.len <= EVENTS_MAX_MESSAGE) {
			fuzz_require(events_message_read(&a, buf_str(&first), &again).code ==
			             CODE_OK);
			fuzz_require(events_message_write(&second, again).code == CODE_OK);
			fuzz_require(str_eq(buf_str(&first), buf_str(&second)));
		}
	}
	buf_fini(&first);
	buf_fini(&second);
	arena_fini(&a);
	return 0;
}
