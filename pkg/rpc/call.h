/*
 * rpc/call.h - one call as its handler sees it, and what it hands on to calls of its own.
 *
 * Memory:   everything of a call is in its arena.
 * Threads:  the loop thread of the fiber that runs the call.
 */
#ifndef RPC_CALL_H
#define RPC_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/identity.h"
#include "base/arena.h"
#include "base/status.h"
#include "pb/validate.h"

struct rpc_method;

struct rpc_session_change {
	int64_t                    account_id;
	int64_t                    session_id; /* 0: all of the account's */
	struct rpc_session_change *next;
};

struct rpc_call {
	struct arena             arena;
	const struct rpc_method *method;
	struct identity          who;         /* verified; ANONYMOUS when there is none */
	struct identity_sealed   sealed;      /* as it came, to be handed on */
	int64_t                  deadline_ns; /* monotonic */
	str                      request_id, traceparent, idempotency_key;
	str                  client_address, user_agent; /* the person's, as the edge saw them */
	struct pb_violations violations;
	struct rpc_session_change *session_changes;
	uint32_t                   retry_after_s; /* to be sent with RESOURCE_EXHAUSTED */
	bool                       not_executed;  /* on failure: surely nothing happened */
};

enum { RPC_CALL_ARENA_BYTES = 16 * 1024 * 1024 };

/* Makes an empty, anonymous call in the caller's storage; rpc_call_fini() frees its arena. */
void rpc_call_init(struct rpc_call *c, int64_t deadline_ns);
void rpc_call_fini(struct rpc_call *c);

/* Empties a call for the next one, keeping its arena's memory. */
void rpc_call_reuse(struct rpc_call *c);

/*
 * Says which field is at fault and returns INVALID_ARGUMENT (422 over HTTP). Several may be said
 * before one is returned. Field and reason are copied.
 */
must_check status rpc_call_invalid(struct rpc_call *c, const char *field, const char *reason);

/* Refuses with any code, naming the field at fault (ALREADY_EXISTS: "email"). */
must_check status rpc_call_refuse(struct rpc_call *c, enum code code, const char *field,
                                  const char *reason);

/* Notes that the call ended a session (0: all of the account's). */
void rpc_call_session_ended(struct rpc_call *c, int64_t account_id, int64_t session_id);

#endif
