/*
 * stats/follow.h - the streams that stats follows: what comes of each event. Their arg is the
 * context.
 */
#ifndef SERVICES_STATS_FOLLOW_H
#define SERVICES_STATS_FOLLOW_H

#include "events/consumer.h"

extern const struct events_consumer_ops stats_follow_messages, stats_follow_channels,
        stats_follow_users;

#endif
