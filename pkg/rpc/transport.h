/*
 * rpc/transport.h - the seam between RPC and what carries it.
 *
 * A transport moves frames: a call id, which is not 0, and the bytes of an envelope. It knows
 * nothing of what they say. Two ends: a link is one replica as its client sees it; a port is where
 * a server listens, and a peer is one client of it. Frames of one loop turn may travel together;
 * order is not kept.
 *
 * What every transport promises, and the conformance suite checks:
 *  - a frame is delivered whole, at most once, or its call fails by on_lost;
 *  - on_lost says whether the frame may have reached the server (then it may have been executed);
 *  - nothing is sent twice; nothing is dropped silently;
 *  - link_send never blocks; past the limits it is UNAVAILABLE and surely not sent;
 *  - callbacks run on the loop thread of their end, never from within link_send or peer_send.
 */
#ifndef RPC_TRANSPORT_H
#define RPC_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

struct loop; /* loop/loop.h */

/*
 * Who a process is to others on the network, and whom it believes: PEM texts of certificates of
 * authorities, of its own certificate (with those between behind it) and of its private key, which
 * is a secret. All are borrowed.
 */
struct rpc_tls {
	const char *ca, *cert, *key;
};

/* Bytes of one envelope. None is empty: a frame without one says that its call is given up. */
enum { RPC_MAX_FRAME = 8 * 1024 * 1024 };

/* ---- the client's end ---- */

struct rpc_link;

struct rpc_link_events {
	/* A reply; the bytes are borrowed until the callback returns. */
	void (*on_reply)(void *arg, uint64_t call_id, str envelope);
	/* The call will get no reply. may_have_run: it may have reached the server. */
	void (*on_lost)(void *arg, uint64_t call_id, bool may_have_run);
	/*
	 * The replica came within reach, or went out of it: it was lost (then after the on_lost
	 * calls), or it drains and still replies.
	 */
	void (*on_state)(void *arg, bool is_up);
	void *arg;
};

struct rpc_link_ops {
	/*
	 * Takes a copy of the frame. On failure it was surely not sent: UNAVAILABLE without a
	 * server or with too much under way, RESOURCE_EXHAUSTED past RPC_MAX_FRAME.
	 */
	status (*send)(struct rpc_link *l, uint64_t call_id, str envelope);
	/* Forgets a call whose caller gave up: its reply is dropped, and the server is told, unless
	 * that takes more than can be sent now. */
	void (*forget)(struct rpc_link *l, uint64_t call_id);
	/* Closes and frees; no callback comes any more. Not from within one of its callbacks. */
	void (*close)(struct rpc_link *l);
};

struct rpc_link {
	const struct rpc_link_ops *ops;
	struct rpc_link_events     events;
	bool                       is_up;
};

/* ---- the server's end ---- */

struct rpc_port;
struct rpc_peer;

struct rpc_port_events {
	/* A request; the bytes are borrowed until the callback returns. */
	void (*on_request)(void *arg, struct rpc_peer *peer, uint64_t call_id, str envelope);
	/* The caller gave the call up, which may have ended already. It still gets its one reply.
	 * NULL: not asked for. */
	void (*on_cancel)(void *arg, struct rpc_peer *peer, uint64_t call_id);
	/* The client went away: nothing may be sent to it, its calls should be cancelled. */
	void (*on_gone)(void *arg, struct rpc_peer *peer);
	void *arg;
};

struct rpc_port_ops {
	/* Takes a copy of the reply; each request gets exactly one, unless its peer is gone. */
	void (*reply)(struct rpc_peer *peer, uint64_t call_id, str envelope);
	/* Refuses new peers and requests; replies under way still leave. */
	void (*drain)(struct rpc_port *p);
	/* Everything that was replied has been handed over. */
	bool (*is_idle)(const struct rpc_port *p);
	/* Closes and frees; no callback comes any more, not from within one. */
	void (*close)(struct rpc_port *p);
};

struct rpc_port {
	const struct rpc_port_ops *ops;
	struct rpc_port_events     events;
};

/* A client of a port; each transport puts its own behind it. user is the server's, NULL at first.
 */
struct rpc_peer {
	struct rpc_port *port;
	void            *user;
};

/*
 * ---- opening by URL ----
 *
 *   inproc://name              within this process (rpc/inproc.h)
 *   ipc:///path                on this machine, for this user (rpc/sp.h)
 *   tcp://127.0.0.1:port       loopback addresses only
 *   tls+tcp://host:port        TLS: each end needs a certificate of an authority that the other
 *                              believes; the server's must be for the host in the client's URL
 *   insecure+tcp://host:port   in the clear: only where the network is trusted
 *   rep+ipc:// rep+tcp:// rep+insecure+tcp://
 *                              the same, to listen for other nng clients (rpc/rep_port.h)
 *
 * tls is for tls+tcp, which is INVALID_ARGUMENT without, and may be NULL for all else.
 */

/* Listens. INVALID_ARGUMENT for a URL of no transport, ALREADY_EXISTS when the name is taken. */
must_check status rpc_transport_listen(struct loop *l, str url, const struct rpc_tls *tls,
                                       const struct rpc_port_events *events,
                                       struct rpc_port             **out_port);

/* Links to one replica, in the background: at first it may be down. Comes back by itself. */
must_check status rpc_transport_link(struct loop *l, str url, const struct rpc_tls *tls,
                                     const struct rpc_link_events *events,
                                     struct rpc_link             **out_link);

#endif
