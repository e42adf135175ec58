/*
 * rpc/sp_tls.h - TLS 1.2 or later on a connection that does not block: both ends show a
 * certificate, and check the other's.
 */
#ifndef RPC_SP_TLS_H
#define RPC_SP_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/status.h"

struct rpc_tls;    /* rpc/transport.h */
struct rpc_sp_tls; /* what all connections of a link or a port have in common */
struct ssl_st;     /* OpenSSL's SSL */

/* INVALID_ARGUMENT when there are no certificates (tls is NULL), or not such as can be read. */
must_check status rpc_sp_tls_new(const struct rpc_tls *tls, struct rpc_sp_tls **out_tls);
/* After its connections; NULL is fine. */
void rpc_sp_tls_free(struct rpc_sp_tls *t);

/*
 * TLS on a descriptor, which it does not own. As the server: for clients whose certificate is of
 * the authority. As the client: for the server whose certificate is for host, too, a name or an
 * address. NULL when it cannot be had.
 */
struct ssl_st *rpc_sp_tls_accept(struct rpc_sp_tls *t, int fd);
struct ssl_st *rpc_sp_tls_connect(struct rpc_sp_tls *t, int fd, const char *host);
void           rpc_sp_tls_close(struct ssl_st *ssl); /* NULL is fine */

/*
 * Like recv(2) and send(2): -1 with EAGAIN when nothing goes now. They negotiate by themselves.
 * What is not counted as sent the other end cannot read. A send that did not go is repeated with at
 * least as much.
 */
ssize_t rpc_sp_tls_recv(struct ssl_st *ssl, void *to, size_t n);
ssize_t rpc_sp_tls_send(struct ssl_st *ssl, const void *from, size_t n);

/* The ends know each other. Before, a send waits for the other end's word. */
bool rpc_sp_tls_is_open(const struct ssl_st *ssl);
/* Until then: what was done last waits for room to write. */
bool rpc_sp_tls_wants_room(const struct ssl_st *ssl);

#endif
