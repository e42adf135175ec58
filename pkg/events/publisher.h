/*
 * events/publisher.h - tells events to whoever listens (nng PUB).
 *
 * A service has two sockets: one for our own services, which hear everything, and one for the
 * public. Who listens and does not keep up loses events, and finds that out by their positions;
 * nobody is waited for.
 *
 * Threads:  any one at a time.
 */
#ifndef EVENTS_PUBLISHER_H
#define EVENTS_PUBLISHER_H

#include <stdbool.h>

#include "base/status.h"
#include "base/str.h"
#include "canaduck/events/v1/events.schema.h"

struct events_publisher;
struct rpc_tls; /* rpc/transport.h */

enum events_audience { EVENTS_INTERNAL, EVENTS_PUBLIC, EVENTS_N_AUDIENCES };

/* Makes the sockets; nobody can listen yet. UNAVAILABLE when descriptors or memory are out. */
must_check status events_publisher_new(struct events_publisher **out_publisher);

/*
 * Lets one of the audiences listen at these addresses, separated by commas. An ipc socket is for
 * the owner of the process, the public's for every user. tls is for tls+tcp, else NULL; it is not
 * needed afterwards. INVALID_ARGUMENT for what is no address, ALREADY_EXISTS when it is taken.
 */
must_check status events_publisher_listen(struct events_publisher *p, enum events_audience who,
                                          str urls, const struct rpc_tls *tls);

/*
 * Tells an event to ours, and to the public as well if it is public or a heartbeat. Never waits.
 * RESOURCE_EXHAUSTED for one that is too large; then nobody heard it.
 */
must_check status events_publisher_send(struct events_publisher *p, const events_event *event);

/*
 * Tells something of the moment, such as who types: to whoever listens now, and never again. The
 * topic is as in outbox/outbox.h; INTERNAL for one that is not the service's.
 */
must_check status events_publisher_signal(struct events_publisher *p, const char *service,
                                          const char *topic, const ProtobufCMessage *message,
                                          bool is_public);

/* Closes; what was told just now may be lost. NULL is fine. */
void events_publisher_free(struct events_publisher *p);

#endif
