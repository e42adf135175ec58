/*
 * incidents/moderation.h - deletes incidents whose time is over, every MODERATION_INTERVAL.
 *
 * Every process that hosts the service has one; a lease in the database, by its clock, lets one of
 * them at a time do the work, and once an interval. Who dies in the middle is followed by another
 * one after some seconds: what it deleted is told of, what it had not committed is done again.
 *
 * Threads:  the loop's.
 * Errors:   it copes: while the database is away it waits, and says so once in the log.
 */
#ifndef SERVICES_INCIDENTS_MODERATION_H
#define SERVICES_INCIDENTS_MODERATION_H

#include "runtime/service.h"

struct incidents;
struct incidents_moderation;

/* Begins at once, with what is due. */
struct incidents_moderation *incidents_moderation_new(const struct runtime_env *env,
                                                      uint32_t                  interval_s);

/* Ends what it does, which another one takes up. NULL is fine. */
void incidents_moderation_free(struct incidents_moderation *m);

#endif
