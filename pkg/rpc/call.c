#include "rpc/call.h"

void rpc_call_init(struct rpc_call *c, int64_t deadline_ns)
{
	*c = (struct rpc_call){.deadline_ns = deadline_ns};
	arena_init(&c->arena, RPC_CALL_ARENA_BYTES);
	c->violations.arena = &c->arena;
}

void rpc_call_fini(struct rpc_call *c)
{
	arena_fini(&c->arena);
}

void rpc_call_reuse(struct rpc_call *c)
{
	struct arena arena;

	arena_reset(&c->arena);
	arena = c->arena;
	*c = (struct rpc_call){.arena = arena};
	c->violations.arena = &c->arena;
}

status rpc_call_invalid(struct rpc_call *c, const char *field, const char *reason)
{
	pb_violations_add(&c->violations, field, reason);
	return status_error(CODE_INVALID_ARGUMENT, "some fields are not valid");
}

status rpc_call_reveal(const struct rpc_call *c)
{
	return c->withheld;
}

status rpc_call_refuse(struct rpc_call *c, enum code code, const char *field, const char *reason)
{
	pb_violations_add(&c->violations, field, reason);
	return status_errorf(&c->arena, code, "%s %s", field, reason);
}

status rpc_call_too_often(struct rpc_call *c, uint32_t limit, uint32_t retry_after_s,
                          const char *message)
{
	c->rate_limit = limit;
	c->retry_after_s = retry_after_s;
	return status_error(CODE_RESOURCE_EXHAUSTED, message);
}

void rpc_call_session_changed(struct rpc_call *c, const struct rpc_session_change *change)
{
	struct rpc_session_change *copy = arena_alloc(&c->arena, sizeof *copy);

	*copy = *change;
	copy->next = c->session_changes;
	c->session_changes = copy;
}
