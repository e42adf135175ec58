/*
 * rpc/tls_relay.h - stands between a client and a server on the loopback address, and counts the
 * connections that came to an end: how a test knows that somebody tried, and was refused.
 */
#ifndef RPC_TLS_RELAY_H
#define RPC_TLS_RELAY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

struct tls_relay {
	uint16_t    port; /* where it listens */
	uint16_t    to;
	int         fd;
	pthread_t   thread;
	atomic_uint n_carried; /* times that bytes came */
	atomic_uint n_ended;
	atomic_bool is_mute; /* swallows what comes, as a cut cable does */
};

/* Starts to carry bytes to a port, one connection after another. */
void tls_relay_start(struct tls_relay *r, uint16_t to);

/* Ends, once the connection under way has ended. */
void tls_relay_stop(struct tls_relay *r);

#endif
