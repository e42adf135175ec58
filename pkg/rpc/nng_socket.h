/*
 * rpc/nng_socket.h - what a link and a port over nng have in common: a raw socket whose doings come
 * to a loop one after another, as events.
 *
 * Threads:  rpc_nng_push(), rpc_nng_flush() and nng's callbacks: any; all else the loop's.
 */
#ifndef RPC_NNG_SOCKET_H
#define RPC_NNG_SOCKET_H

#include <nng/nng.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/status.h"
#include "base/str.h"
#include "loop/loop.h"

enum {
	/* Reply messages of one connection that may be unacknowledged: raw REP drops past 64. */
	RPC_NNG_WINDOW = 4,
	/* A message is cut there; a larger frame travels alone. */
	RPC_NNG_MESSAGE_BYTES = 1024 * 1024,
	RPC_NNG_MESSAGE_FRAMES = 1024
};

enum rpc_nng_event_kind {
	RPC_NNG_CONNECTED,
	RPC_NNG_MESSAGE,
	RPC_NNG_UNSENT, /* a message that never left, after rpc_nng_send() */
	RPC_NNG_DISCONNECTED
};

struct rpc_nng_event {
	enum rpc_nng_event_kind kind;
	uint32_t                pipe;
	nng_msg                *msg; /* of MESSAGE and UNSENT */
};

struct rpc_nng_events {
	struct rpc_nng_event *items;
	uint32_t              count, size;
};

struct rpc_nng_socket {
	nng_socket            nng;
	struct loop          *loop;
	struct loop_task     *task; /* posted when events came */
	struct rpc_nng_events taken;
	struct list           senders;
	nng_aio              *receiver;
	pthread_mutex_t       mutex; /* guards what follows */
	struct rpc_nng_events events;
	size_t                bytes; /* of messages in events */
	bool                  is_receiving, is_held, is_closing;
	struct list           idle_senders;
	uint32_t              n_sending;
	uint32_t              pipe;    /* a link's connection; 0: none, nothing may be sent */
	bool                  is_shut; /* a port takes no connections any more */
};

/* Opens with limits set; open is nng's. Dies when nng has no memory or threads. */
void rpc_nng_open(struct rpc_nng_socket *s, struct loop *l, struct loop_task *task,
                  int (*open)(nng_socket *));

/* Closes, waits for callbacks under way and frees; the task is cancelled. */
void rpc_nng_close(struct rpc_nng_socket *s);

/* Starts to receive. */
void rpc_nng_receive(struct rpc_nng_socket *s);

/* Moves the events there are to s->taken; their messages are the caller's. */
void rpc_nng_take(struct rpc_nng_socket *s);

/* Adds an event and wakes the loop; the mutex is held for the latter. */
void rpc_nng_push(struct rpc_nng_socket *s, struct rpc_nng_event event);
void rpc_nng_push_locked(struct rpc_nng_socket *s, struct rpc_nng_event event);

/*
 * For a link whose connection ended, in nng's callback: takes back what is still being sent and
 * makes events of that and of everything that was received.
 */
void rpc_nng_flush(struct rpc_nng_socket *s);

/*
 * Sends body with header words before it. With pipe not 0, only if that is still the link's
 * connection: else false, surely not sent.
 */
bool rpc_nng_send(struct rpc_nng_socket *s, uint32_t pipe, const uint32_t *header, unsigned n_words,
                  str body);

/* Something that was sent is still held back by nng. */
bool rpc_nng_is_sending(struct rpc_nng_socket *s);

/* A message's body. */
str rpc_nng_body(nng_msg *msg);

/* Closes one connection; DISCONNECTED follows. */
void rpc_nng_hang_up(uint32_t pipe);

/* What one of nng's URLs leads to: another machine, perhaps; and by TLS. */
bool rpc_nng_is_network(const char *url);
bool rpc_nng_is_tls(const char *url);

/* What a failure of nng's to open an address means. */
must_check status rpc_nng_status(int error);

#endif
