/*
 * people/follow.h - keeps a service's people as users tells of them.
 *
 * What follows the stream of users (events/consumer.h) calls these from its operations; a service
 * that needs no more than people defines them all by PEOPLE_FOLLOW(). Names are known only where
 * they were asked for, but every change is written down: so an answer of users that is older than
 * an event cannot come after it.
 */
#ifndef SERVICES_PEOPLE_FOLLOW_H
#define SERVICES_PEOPLE_FOLLOW_H

#include "events/consumer.h"
#include "services/people/people.h"

must_check status people_follow_load(const struct people *p, struct arena *a,
                                     struct events_position *out_position);

/* Asks users afresh about everybody who is known here. */
must_check status people_follow_rebuild(const struct people *p, struct arena *a,
                                        struct events_position *out_position);

/* Applies them in one transaction, with the bookmark. */
must_check status people_follow_events(const struct people *p, struct arena *a,
                                       const struct events_batch *batch);

/* Defines `static const struct events_consumer_ops ident` over the member `people` of a context. */
#define PEOPLE_FOLLOW(ident, context)                                                              \
	static status ident##_load(void *arg, struct arena *a, struct events_position *out)        \
	{                                                                                          \
		return people_follow_load(&((context *)arg)->people, a, out);                      \
	}                                                                                          \
	static status ident##_rebuild(void *arg, struct arena *a, struct events_position *out)     \
	{                                                                                          \
		return people_follow_rebuild(&((context *)arg)->people, a, out);                   \
	}                                                                                          \
	static status ident##_events(void *arg, struct arena *a, const struct events_batch *batch) \
	{                                                                                          \
		return people_follow_events(&((context *)arg)->people, a, batch);                  \
	}                                                                                          \
	static const struct events_consumer_ops ident = {.on_load = ident##_load,                  \
	                                                 .on_rebuild = ident##_rebuild,            \
	                                                 .on_events = ident##_events}

#endif
