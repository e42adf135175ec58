/*
 * rpc/sp_conn.h - one connection of an nng REQ socket, as bytes: nng's SP protocol over TCP or a
 * unix socket, from the replier's end.
 *
 *   greeting  from both ends: 0 'S' 'P' 0, u16 protocol, u16 0; 0x30 is REQ, 0x31 REP
 *   message   over ipc first u8 1; u64 length; that many bytes: u32 words, of which the last one
 *             has its highest bit set, then the body
 *
 * The words name the request, and the way back through devices: the reply begins with the same.
 * All numbers are big-endian.
 */
#ifndef RPC_SP_CONN_H
#define RPC_SP_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum { RPC_SP_HEAD_BYTES = 9, RPC_SP_MAX_WORDS = 8 };

struct rpc_sp_conn {
	int        fd;
	bool       is_ipc, is_greeted;
	uint8_t    head[RPC_SP_HEAD_BYTES]; /* of a greeting or a message */
	uint32_t   head_len;
	size_t     left;     /* of the message, once its head is there */
	struct buf message;  /* what there is of it */
	struct buf out;      /* to be written */
	size_t     out_from; /* before it is written */
};

enum rpc_sp_result {
	RPC_SP_MORE,    /* something is missing */
	RPC_SP_MESSAGE, /* one message is there: take it before more is read */
	RPC_SP_END      /* closed, failed, or no REQ socket */
};

/* Takes over a connected descriptor, which does not block. */
void rpc_sp_conn_init(struct rpc_sp_conn *c, int fd, bool is_ipc);
/* Closes it. */
void rpc_sp_conn_fini(struct rpc_sp_conn *c);

/* Reads what is there, at most to the end of a message. */
enum rpc_sp_result rpc_sp_conn_read(struct rpc_sp_conn *c);
/* The message that is there: its words and the body after them; borrowed until the next is read. */
void rpc_sp_conn_message(const struct rpc_sp_conn *c, str *out_words, str *out_body);
/* Makes room for the next. */
void rpc_sp_conn_next(struct rpc_sp_conn *c);

/* Adds a message to what is to be written. */
void rpc_sp_conn_put(struct rpc_sp_conn *c, str words, str body);
/* Writes as much as the peer takes; false when the connection failed. */
must_check bool rpc_sp_conn_write(struct rpc_sp_conn *c);
size_t          rpc_sp_conn_unwritten(const struct rpc_sp_conn *c);

/* The peer owes the rest of a greeting or of a message. */
bool rpc_sp_conn_is_owed(const struct rpc_sp_conn *c);

#endif
