/*
 * rpc/admit.h - all that stands between a request's envelope and its handler.
 */
#ifndef RPC_ADMIT_H
#define RPC_ADMIT_H

#include "auth/identity.h"
#include "rpc/call.h"
#include "rpc/service.h"

/*
 * Verifies the sealed identity into call->who, checks that the method may be called by it, unpacks
 * the request into the call's arena and checks its rules; violations are listed in the call.
 * UNAUTHENTICATED, PERMISSION_DENIED, INVALID_ARGUMENT; a method that conceals is reached all the
 * same with what rpc_call_reveal() tells.
 */
must_check status rpc_admit(const struct rpc_method *m, const struct identity_keys *keys,
                            int64_t now_s, str payload, struct rpc_call *call,
                            ProtobufCMessage **out_request);

#endif
