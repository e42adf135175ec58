/*
 * rpc/client.h - calls methods of one service on any of its replicas.
 *
 * What fails, and what it means (design: fail like a good neighbour):
 *   UNAVAILABLE        surely not executed (call->not_executed is set): no replica, refused, or
 *                      lost before it was sent. Methods without side effects are also UNAVAILABLE
 *                      when their replica was lost.
 *   DEADLINE_EXCEEDED  no reply in time, or the replica was lost after the request went out and
 *                      the method has side effects: the outcome is unknown.
 * A call that was surely not executed, or has no side effects, is tried once more on another
 * replica within the deadline.
 *
 * The caller's identity goes along as it came; to SERVICE methods the client's own service identity
 * goes instead, sealed afresh when half its time is over.
 *
 * Threads:  the loop's; waiting suspends the fiber.
 */
#ifndef RPC_CLIENT_H
#define RPC_CLIENT_H

#include "base/list.h"
#include "rpc/call.h"
#include "rpc/service.h"
#include "rpc/transport.h"

struct rpc_client;

struct rpc_client_config {
	struct loop                *loop;
	const struct identity_keys *keys;      /* borrowed; seals the service identity */
	str                         name;      /* of the calling service: "edge", "messages" */
	const struct rpc_tls       *tls;       /* borrowed; for tls+tcp, else NULL */
	uint32_t                    max_calls; /* in flight; 0: 4096 */
};

must_check status rpc_client_new(const struct rpc_client_config *cfg,
                                 struct rpc_client             **out_client);

/* One more replica to call. */
must_check status rpc_client_add(struct rpc_client *c, str url);

/* A replica is within reach. */
bool rpc_client_is_up(const struct rpc_client *c);

/* Fails calls under way and frees. NULL is fine. */
void rpc_client_free(struct rpc_client *c);

/* A call under way: in the calling fiber's storage until rpc_client_finish(). */
struct rpc_pending {
	struct rpc_client       *client;
	struct rpc_call         *call;
	const struct rpc_method *method;
	uint64_t                 id;
	struct fiber            *fiber;
	bool                     is_done;
	status                   result;
	ProtobufCMessage        *response;
	str                      request; /* packed, for the second try */
	unsigned                 tries;
	struct rpc_replica      *replica; /* of the try under way */
};

/*
 * Sends a request within call->deadline_ns; rpc_client_finish() must follow, whatever comes.
 * Several may be under way in one fiber.
 */
void rpc_client_start(struct rpc_client *c, struct rpc_call *call, const struct rpc_method *m,
                      const ProtobufCMessage *request, struct rpc_pending *p);

/*
 * Waits for the reply. The response is in call->arena. On failure the message, and the violations
 * in call->violations, are the service's own; call->retry_after_s and not_executed are set.
 * CANCELLED when the fiber was.
 */
must_check status rpc_client_finish(struct rpc_pending *p, ProtobufCMessage **out_response);

/* Both in one. */
must_check status rpc_client_call(struct rpc_client *c, struct rpc_call *call,
                                  const struct rpc_method *m, const ProtobufCMessage *request,
                                  ProtobufCMessage **out_response);

#endif
