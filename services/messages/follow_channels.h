/*
 * messages/follow_channels.h - what comes of what channels tells: a channel that is deleted takes
 * its messages with it.
 */
#ifndef SERVICES_MESSAGES_FOLLOW_CHANNELS_H
#define SERVICES_MESSAGES_FOLLOW_CHANNELS_H

#include "events/consumer.h"

/* Their arg is a struct messages. */
extern const struct events_consumer_ops messages_follow_channels;

#endif
