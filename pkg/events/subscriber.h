/*
 * events/subscriber.h - hears published messages (nng SUB), from any number of addresses.
 *
 * Messages of one address come in their order; what is not taken in time is lost, the oldest first.
 *
 * Threads:  the loop's.
 */
#ifndef EVENTS_SUBSCRIBER_H
#define EVENTS_SUBSCRIBER_H

#include <stdbool.h>

#include "base/status.h"
#include "base/str.h"

struct loop;
struct events_subscriber;
struct rpc_tls; /* rpc/transport.h */

struct events_subscriber_config {
	struct loop *loop;
	str          urls; /* separated by commas; connected in the background, again and again */
	bool         is_public;        /* they are of the public */
	str          prefix;           /* of the topics; "" for all */
	const struct rpc_tls *tls;     /* borrowed; for tls+tcp, else NULL */
	void (*on_message)(void *arg); /* there is something to take */
	void *arg;
};

/* INVALID_ARGUMENT for what is no address. */
must_check status events_subscriber_new(const struct events_subscriber_config *cfg,
                                        struct events_subscriber             **out_subscriber);

/* The next message, borrowed until the next call; false when there is none. */
bool events_subscriber_take(struct events_subscriber *s, str *out_message);

/*
 * Connects anew, for who hears nothing: nng 1.5 may give up on a connection over TLS that ended
 * while it was negotiated.
 */
void events_subscriber_redial(struct events_subscriber *s);

/* NULL is fine. */
void events_subscriber_free(struct events_subscriber *s);

#endif
