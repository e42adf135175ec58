/*
 * e2e/load.h - people who write messages without a pause, and what they were told of each.
 */
#ifndef TEST_E2E_LOAD_H
#define TEST_E2E_LOAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "test/e2e/e2e.h"
#include "test/e2e/sql.h"

enum { LOAD_WRITERS = 8, LOAD_MESSAGES = 32768 };

struct load {
	uint16_t    port;
	const char *token, *channel;
	atomic_bool is_over;
	atomic_uint next;                    /* message number k has the text "load k" */
	atomic_long outcomes[LOAD_MESSAGES]; /* status; 0: no answer */
	atomic_bool refused[LOAD_MESSAGES];  /* nobody listened */
	pthread_t   writers[LOAD_WRITERS];
};

/* Starts writers, who go on until load_stop(). */
void load_start(struct load *l, uint16_t port, const char *token, const char *channel);
void load_stop(struct load *l);

/* How many messages had this outcome so far. */
unsigned load_count(const struct load *l, long status);

/*
 * Holds the database to what was said: 201 is there once, 503 (surely not executed) and refused
 * connections are not there, what was left open at most once, and nothing else ever.
 */
void load_check(struct load *l, struct sql *sql);

#endif
