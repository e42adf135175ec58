/*
 * support/proxy.h - a TCP proxy on loopback that a test can stall and cut: for faults of the wire.
 *
 * Threads:  one of its own; the test's calls any.
 */
#ifndef TEST_SUPPORT_PROXY_H
#define TEST_SUPPORT_PROXY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

enum proxy_mode {
	PROXY_PASS,
	PROXY_STALL, /* connections stay, nothing comes through */
	PROXY_CUT    /* connections are closed, new ones too */
};

struct proxy {
	pthread_t   thread;
	int         listener, wakes[2];
	uint16_t    port; /* where it listens */
	uint16_t    to;   /* where it connects */
	atomic_int  mode;
	atomic_bool is_over;
};

/* Starts it; passes on to a port that need not be there yet. */
void proxy_start(struct proxy *p, uint16_t to);
void proxy_set(struct proxy *p, enum proxy_mode mode);
void proxy_stop(struct proxy *p);

#endif
