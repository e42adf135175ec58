/*
 * rpc/sp_conn.h - one connection between an nng REQ socket and an nng REP socket, as bytes, from
 * either end: nng's SP protocol over TCP, TLS or a unix socket.
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

struct ssl_st; /* OpenSSL's SSL */

enum { RPC_SP_MAX_WORDS = 8 };

enum rpc_sp_end { RPC_SP_REQ, RPC_SP_REP };

struct rpc_sp_conn {
	int             fd;
	struct ssl_st  *ssl; /* NULL: in the clear */
	enum rpc_sp_end end; /* ours */
	bool            is_ipc;
	bool            is_greeted; /* by the other end */
	bool            is_over;    /* nothing more comes */
	size_t          max_body;
	struct buf      in;
	size_t          in_from; /* before it is done with */
	size_t          whole;   /* bytes of the message that begins there; 0: not known */
	struct buf      out;
	size_t          out_from; /* before it is written */
	size_t          begun;    /* where the message that is being put begins */
	uint64_t        written;  /* bytes, since the beginning */
};

/*
 * Takes over a connected descriptor, which does not block; ssl, which may be NULL, is TLS on it.
 * The greeting is the first to be written.
 */
void rpc_sp_conn_init(struct rpc_sp_conn *c, int fd, struct ssl_st *ssl, enum rpc_sp_end end,
                      bool is_ipc, size_t max_body);
/* Closes it. */
void rpc_sp_conn_fini(struct rpc_sp_conn *c);

/* What the loop is to await: LOOP_READ, and LOOP_WRITE where something waits for room. */
unsigned rpc_sp_conn_awaits(const struct rpc_sp_conn *c);

/* ---- reading ---- */

enum rpc_sp_result {
	RPC_SP_MORE,    /* something is missing */
	RPC_SP_MESSAGE, /* one message is there */
	RPC_SP_END      /* closed, failed, or the other end breaks the rules */
};

/* Reads what is there, though not much past the end of a message; false when nothing came. */
bool rpc_sp_conn_fill(struct rpc_sp_conn *c);
/* What there is, of what was read. */
enum rpc_sp_result rpc_sp_conn_look(struct rpc_sp_conn *c);
/* The message that is there: its words and the body after them; borrowed until it is done with. */
void rpc_sp_conn_message(const struct rpc_sp_conn *c, str *out_words, str *out_body);
/* Is done with it. */
void rpc_sp_conn_next(struct rpc_sp_conn *c);

/* The other end owes the rest of a greeting or of a message. */
bool rpc_sp_conn_is_owed(const struct rpc_sp_conn *c);

/* ---- writing ---- */

/* Adds a message to what is to be written. */
void rpc_sp_conn_put(struct rpc_sp_conn *c, str words, str body);

/* The same in parts: the body is appended to what begin gives, then it ends, or is taken back. */
struct buf *rpc_sp_conn_begin(struct rpc_sp_conn *c, str words);
void        rpc_sp_conn_end(struct rpc_sp_conn *c);
void        rpc_sp_conn_undo(struct rpc_sp_conn *c);

/* Writes as much as the other end takes; false when the connection failed. */
must_check bool rpc_sp_conn_write(struct rpc_sp_conn *c);
size_t          rpc_sp_conn_unwritten(const struct rpc_sp_conn *c);

#endif
