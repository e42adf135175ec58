/*
 * e2e/storm.h - people who send, edit, delete and react without a pause while services are killed,
 * and a ledger of what they were told of each deed.
 *
 * Each part is a process of its own. Clients share a few channels, one of which turns private and
 * back, and write to each other.
 */
#ifndef TEST_E2E_STORM_H
#define TEST_E2E_STORM_H

#include <pthread.h>
#include <stdatomic.h>

#include "test/e2e/e2e.h"
#include "test/e2e/sql.h"

/* ThreadSanitizer slows each request, and looks at what a few of them do. */
#ifdef __SANITIZE_THREAD__
enum { STORM_SECONDS = 10 };
#else
enum { STORM_SECONDS = 60 };
#endif

enum { STORM_CLIENTS = 16, STORM_CHANNELS = 3, STORM_MESSAGES = 4096, STORM_REACTIONS = 4096 };

/* What is known of a deed. */
enum storm_deed {
	STORM_NOT_TRIED,
	STORM_DONE,    /* acknowledged */
	STORM_REFUSED, /* surely not executed, or not allowed */
	STORM_OPEN,    /* no answer in time: done or not */
	STORM_DEEDS,
};

struct storm_message {
	atomic_llong    id;      /* 0: not known */
	int             channel; /* or negative: to a client */
	size_t          to;
	enum storm_deed sent, removed;
	unsigned        version; /* of the text, as acknowledged last; the first is 1 */
	unsigned        tried;   /* the one of an edit that was left open; 0: none */
};

struct storm_reaction {
	int64_t         message_id;
	unsigned        emoji;
	bool            is_there; /* as acknowledged last */
	enum storm_deed last;
};

struct storm_client {
	struct storm         *storm;
	size_t                number;
	pthread_t             thread;
	struct e2e_account    account;
	unsigned              seed;
	struct storm_message  messages[STORM_MESSAGES]; /* text "<client>.<index> <version>" */
	atomic_uint           n_messages;
	struct storm_reaction reactions[STORM_REACTIONS];
	unsigned              n_reactions;
	atomic_uint           told[STORM_DEEDS];
	atomic_long           unexpected; /* a status that none of this may have; 0: none */
};

struct storm {
	struct server       server;
	struct sql          sql;
	struct e2e_account  owner;
	struct storm_client clients[STORM_CLIENTS];
	unsigned            n_clients;
	bool                is_private; /* the channel that turns */
	atomic_bool         is_over;
};

/* Starts everything on a database of its own, so many of each part, and then the clients. */
void storm_start(struct storm *s, unsigned replicas, unsigned n_clients);

/* How many deeds had this outcome so far. */
unsigned storm_count(const struct storm *s, enum storm_deed outcome);

/* Returns once some more deeds were acknowledged. */
void storm_await_more(const struct storm *s);

/* SIGKILL, and starts it again. */
void storm_kill(struct storm *s, const char *part, unsigned replica);

/* A channel turns private, or public again; those in it write on. */
void storm_turn(struct storm *s);

/* For STORM_SECONDS: kills a part every few seconds, and turns the channel each time. */
void storm_rage(struct storm *s, const char *part);

/*
 * Ends it and holds the databases to the ledger: what was acknowledged is there exactly once, with
 * the text and the reactions acknowledged last, or is gone if its deletion was; what was refused is
 * not there; what was left open is there at most once; and nothing else is. The statistics equal a
 * recount, in their tables and over REST.
 */
void storm_end(struct storm *s);

#endif
