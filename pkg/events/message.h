/*
 * events/message.h - a published message: a topic, one space, a packed canaduck.events.v1.Event.
 *
 * No topic has a space in it, and all are of printable characters: a subscription to
 * "users.account.17 " is not one to users.account.170, and can be typed in a shell.
 */
#ifndef EVENTS_MESSAGE_H
#define EVENTS_MESSAGE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "canaduck/events/v1/events.schema.h"

enum { EVENTS_MAX_TOPIC = 128, EVENTS_MAX_MESSAGE = 512 * 1024 };

/* The last part of the topic of heartbeats, which no other topic of a service is: "heartbeat". */
#define EVENTS_HEARTBEAT "heartbeat"

/* At most EVENTS_MAX_TOPIC of a-z 0-9 . _ -, beginning with the service's name and a dot; it is not
 * the heartbeat's. */
bool events_topic_is_valid(str topic, str service);

/* Appends the message of an event. RESOURCE_EXHAUSTED past the buffer's ceiling. */
must_check status events_message_write(struct buf *out, const events_event *event);

/* Reads one; the event is in the arena. INVALID_ARGUMENT for what is none. */
must_check status events_message_read(struct arena *a, str message, events_event **out_event);

#endif
