/*
 * rpc/foreign.h - a client of rep+ addresses that has nothing of ours but the messages: nng's own
 * REQ socket, or the bytes of its protocol written by hand.
 *
 * The tests of a program run once over ipc and once over tcp.
 */
#ifndef RPC_FOREIGN_H
#define RPC_FOREIGN_H

#include <nng/nng.h>

#include "canaduck/rpc/v1/envelope.schema.h"
#include "test/integration/rpc/stage.h"
#include "test/support/test.h"
#include "trial/v1/trial.server.h"

int foreign_main(int argc, char **argv);

/* A new address to listen at, good until the next is asked for. */
const char *foreign_url(void);

struct foreign_ask {
	const char             *method;
	const ProtobufCMessage *request; /* NULL: none */
	uint32_t                timeout_ms;
	struct identity_sealed  sealed;
};

/* The envelope; the caller's. */
nng_msg *foreign_envelope(const struct foreign_ask *ask);

/* ---- nng's REQ socket ---- */

/* Connected to a server's address. */
nng_socket foreign_dial(const char *url);

/* Sends and receives; the error of nng's. The reply is free_reply()'d. */
int  foreign_exchange(nng_socket s, nng_msg *msg, rpcv1_reply **out_reply);
void foreign_free_reply(rpcv1_reply *reply);

/* Expects an answer and gives its code; not_executed may be NULL. */
unsigned foreign_ask(nng_socket s, const struct foreign_ask *ask, bool *out_not_executed);

/* One of many at once, on a context of its own. */
struct foreign_call {
	nng_ctx  ctx;
	nng_aio *aio;
};

/* Returns when it was sent. */
void foreign_start(struct foreign_call *c, nng_socket s, const struct foreign_ask *ask);
/* Expects an answer. */
rpcv1_reply *foreign_finish(struct foreign_call *c);

/* ---- by hand ---- */

/* A connection without a greeting; -1 if there is none. */
int foreign_connect_mutely(const char *url);
/* A connection whose greeting as a REQ socket is over; a descriptor. */
int foreign_connect(const char *url);
/* Sends a message: a request id is what a REQ socket puts before its body. */
void foreign_write(int fd, str message);
void foreign_write_ask(int fd, uint32_t request_id, const struct foreign_ask *ask);
/* Receives messages to the last byte, all of one length; false when the connection ends. */
bool foreign_read(int fd, size_t length);
/* Waits for the connection's end and closes it. */
void foreign_expect_end(int fd);

#endif
