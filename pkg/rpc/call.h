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

/* What a call did to sessions of an account; each field as in SessionChange (canaduck.rpc.v1). */
struct rpc_session_change {
	int64_t                    account_id;
	int64_t                    session_id;
	int64_t                    ended_below, kept_session_id;
	const str                 *roles;
	size_t                     n_roles;
	int64_t                    roles_version;
	int64_t                    expire_time;
	struct rpc_session_change *next; /* older */
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
	uint32_t                   retry_after_s; /* to be sent with RESOURCE_EXHAUSTED, */
	uint32_t                   rate_limit;    /* and how many are allowed; 0: not said */
	bool                       not_executed;  /* on failure: surely nothing happened */
	bool found_existing; /* on success: it was there, nothing was created; set behind other
	                        calls */
	status withheld;     /* see rpc_call_reveal() */
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

/*
 * For the handler of a method that conceals, once it is known that the caller may see what the call
 * is about, and before anything is done: what else is wrong with it. Until then the caller may be
 * anybody and the fields may break their rules; NOT_FOUND is answered without a word of that.
 * UNAUTHENTICATED, INVALID_ARGUMENT.
 */
must_check status rpc_call_reveal(const struct rpc_call *c);

/* Refuses with any code, naming the field at fault (ALREADY_EXISTS: "email"). */
must_check status rpc_call_refuse(struct rpc_call *c, enum code code, const char *field,
                                  const char *reason);

/* Refuses what came too often: allowed are `limit`, and the next one after retry_after_s. */
must_check status rpc_call_too_often(struct rpc_call *c, uint32_t limit, uint32_t retry_after_s,
                                     const char *message);

/*
 * Notes what the call did to sessions, after what it noted before. The edge applies it before it
 * answers, whether the call went well or not: note it when it is done. The roles are borrowed
 * as long as the call.
 */
void rpc_call_session_changed(struct rpc_call *c, const struct rpc_session_change *change);

#endif
