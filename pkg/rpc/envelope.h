/*
 * rpc/envelope.h - what is around a request and a reply on the wire
 * (canaduck/rpc/v1/envelope.proto).
 *
 * Unknown fields are ignored: releases mix.
 */
#ifndef RPC_ENVELOPE_H
#define RPC_ENVELOPE_H

#include "base/buf.h"
#include "base/status.h"
#include "canaduck/rpc/v1/envelope.schema.h"
#include "rpc/call.h"
#include "rpc/service.h"

/* ---- the client's side ---- */

/*
 * Writes a request. Texts of the call that are not UTF-8 are left out: they only describe it.
 * timeout_ms 0: the server's own limit.
 */
must_check status rpc_envelope_write_request(struct buf *out, struct rpc_call *call,
                                             const struct rpc_method *m,
                                             struct identity_sealed sealed, uint32_t timeout_ms,
                                             str payload);

/*
 * Reads a reply into the call: its arena, violations, session changes, retry_after_s,
 * rate_limit, not_executed and found_existing. The status is the call's own; INTERNAL for a reply
 * that makes no sense.
 */
must_check status rpc_envelope_read_reply(str wire, const struct rpc_method *m,
                                          struct rpc_call *call, ProtobufCMessage **out_response);

/* ---- the server's side ---- */

/* Reads a request into the call's arena and fills the call's texts. INVALID_ARGUMENT. */
must_check status rpc_envelope_read_request(str wire, struct rpc_call *call,
                                            rpcv1_request **out_request);

/* Writes what became of a call; response is only looked at when st is OK. */
must_check status rpc_envelope_write_reply(struct buf *out, struct rpc_call *call, status st,
                                           const ProtobufCMessage *response);

/* The message that says it, in the arena. */
rpcv1_session_change *rpc_envelope_session_change(struct arena                    *a,
                                                  const struct rpc_session_change *change);

/* Writes UNAVAILABLE, surely not executed. message is static. Needs no call. */
must_check status rpc_envelope_write_refusal(struct buf *out, const char *message);

#endif
