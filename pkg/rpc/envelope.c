#include "rpc/envelope.h"

#include "base/utf8.h"
#include "pb/message.h"
#include "rpc/transport.h"

#include <string.h>

enum { MAX_TRACE_TEXT = 256, MAX_CODE = CODE_UNAUTHENTICATED };

/* ---- the client's side ---- */

/* protobuf-c's own empty string, which it does not send. */
static char *no_text(void)
{
	return (char *)protobuf_c_empty_string;
}

static char *text(struct arena *a, str s)
{
	return s.len && utf8_is_valid(s) ? arena_cstr(a, s) : no_text();
}

static ProtobufCBinaryData bytes(str s)
{
	return (ProtobufCBinaryData){s.len, (uint8_t *)(uintptr_t)s.ptr};
}

static str slice(ProtobufCBinaryData b)
{
	return (str){(const char *)b.data, b.len};
}

status rpc_envelope_write_request(struct buf *out, struct rpc_call *call,
                                  const struct rpc_method *m, struct identity_sealed sealed,
                                  uint32_t timeout_ms, str payload)
{
	rpcv1_request r;

	rpcv1_request_init(&r);
	r.method = (char *)(uintptr_t)m->name;
	r.timeout_ms = timeout_ms;
	r.payload = bytes(payload);
	r.request_id = text(&call->arena, call->request_id);
	r.traceparent = text(&call->arena, call->traceparent);
	r.identity = bytes(sealed.identity);
	r.mac = bytes(sealed.mac);
	r.idempotency_key = text(&call->arena, call->idempotency_key);
	r.client_address = text(&call->arena, call->client_address);
	r.user_agent = text(&call->arena, call->user_agent);
	return pb_pack(&r.base, out);
}

static status reply_status(const rpcv1_reply *r)
{
	/* A code of a later release is a failure all the same. */
	enum code code = r->code > MAX_CODE ? CODE_UNKNOWN : (enum code)r->code;

	if (code == CODE_OK)
		return STATUS_OK;
	return status_error(code, r->message);
}

static void read_session_change(const rpcv1_session_change *item, struct rpc_call *call)
{
	str *roles = arena_alloc(&call->arena, (item->n_roles + 1) * sizeof *roles);

	for (size_t i = 0; i < item->n_roles; i++)
		roles[i] = str_c(item->roles[i]);
	rpc_call_session_changed(
	        call, &(struct rpc_session_change){.account_id = item->account_id,
	                                           .session_id = item->session_id,
	                                           .ended_below = item->ended_below,
	                                           .kept_session_id = item->kept_session_id,
	                                           .roles = roles,
	                                           .n_roles = item->n_roles,
	                                           .roles_version = item->roles_version,
	                                           .expire_time = item->expire_time});
}

status rpc_envelope_read_reply(str wire, const struct rpc_method *m, struct rpc_call *call,
                               ProtobufCMessage **out_response)
{
	ProtobufCMessage  *message;
	const rpcv1_reply *r;

	if (pb_unpack(&call->arena, rpcv1_reply_schema.descriptor, wire, &message).code != CODE_OK)
		return status_error(CODE_INTERNAL, "the reply is malformed");
	r = (const rpcv1_reply *)message;
	call->not_executed = r->not_executed;
	call->retry_after_s = r->retry_after_s;
	for (size_t i = 0; i < r->n_violations; i++)
		pb_violations_add(&call->violations, r->violations[i]->field,
		                  r->violations[i]->reason);
	call->rate_limit = r->rate_limit;
	call->found_existing = r->found_existing;
	for (size_t i = 0; i < r->n_session_changes; i++)
		read_session_change(r->session_changes[i], call);
	TRY(reply_status(r));
	if (pb_unpack(&call->arena, m->response->descriptor, slice(r->payload), &message).code !=
	    CODE_OK)
		return status_error(CODE_INTERNAL, "the response is malformed");
	*out_response = message;
	return STATUS_OK;
}

/* ---- the server's side ---- */

/* What is only written to logs and handed on is not worth refusing a call for. */
static str trace_text(const char *s)
{
	str t = str_c(s);

	return t.len <= MAX_TRACE_TEXT ? t : STR("");
}

status rpc_envelope_read_request(str wire, struct rpc_call *call, rpcv1_request **out_request)
{
	ProtobufCMessage *message;
	rpcv1_request    *r;

	if (pb_unpack(&call->arena, rpcv1_request_schema.descriptor, wire, &message).code !=
	    CODE_OK)
		return status_error(CODE_INVALID_ARGUMENT, "the envelope is malformed");
	r = (rpcv1_request *)message;
	call->request_id = trace_text(r->request_id);
	call->traceparent = trace_text(r->traceparent);
	call->idempotency_key = str_c(r->idempotency_key);
	call->client_address = str_c(r->client_address);
	call->user_agent = str_c(r->user_agent);
	call->sealed = (struct identity_sealed){slice(r->identity), slice(r->mac)};
	*out_request = r;
	return STATUS_OK;
}

static void list_violations(struct rpc_call *call, rpcv1_reply *r)
{
	size_t           n = call->violations.count;
	rpcv1_violation *items;

	if (n == 0)
		return;
	items = arena_alloc(&call->arena, n * sizeof *items);
	r->violations = arena_alloc(&call->arena, n * sizeof *r->violations);
	for (size_t i = 0; i < n; i++) {
		rpcv1_violation_init(&items[i]);
		items[i].field = (char *)(uintptr_t)call->violations.items[i].field;
		items[i].reason = (char *)(uintptr_t)call->violations.items[i].reason;
		r->violations[i] = &items[i];
	}
	r->n_violations = n;
}

rpcv1_session_change *rpc_envelope_session_change(struct arena                    *a,
                                                  const struct rpc_session_change *change)
{
	rpcv1_session_change *m = arena_alloc(a, sizeof *m);

	rpcv1_session_change_init(m);
	m->account_id = change->account_id;
	m->session_id = change->session_id;
	m->ended_below = change->ended_below;
	m->kept_session_id = change->kept_session_id;
	m->roles = arena_alloc(a, (change->n_roles + 1) * sizeof *m->roles);
	m->n_roles = change->n_roles;
	for (size_t i = 0; i < change->n_roles; i++)
		m->roles[i] = arena_cstr(a, change->roles[i]);
	m->roles_version = change->roles_version;
	m->expire_time = change->expire_time;
	return m;
}

/* They are kept newest first and travel oldest first. */
static void list_session_changes(struct rpc_call *call, rpcv1_reply *r)
{
	size_t n = 0;

	for (const struct rpc_session_change *c = call->session_changes; c; c = c->next)
		n++;
	if (n == 0)
		return;
	r->session_changes = arena_alloc(&call->arena, n * sizeof *r->session_changes);
	r->n_session_changes = n;
	for (const struct rpc_session_change *c = call->session_changes; c; c = c->next)
		r->session_changes[--n] = rpc_envelope_session_change(&call->arena, c);
}

static status pack_response(struct rpc_call *call, const ProtobufCMessage *response, rpcv1_reply *r)
{
	size_t   size = protobuf_c_message_get_packed_size(response);
	uint8_t *to;

	if (size > RPC_MAX_FRAME)
		return status_error(CODE_RESOURCE_EXHAUSTED, "the response is too large");
	to = arena_alloc(&call->arena, size);
	r->payload = (ProtobufCBinaryData){protobuf_c_message_pack(response, to), to};
	return STATUS_OK;
}

status rpc_envelope_write_reply(struct buf *out, struct rpc_call *call, status st,
                                const ProtobufCMessage *response)
{
	rpcv1_reply r;

	rpcv1_reply_init(&r);
	r.code = st.code;
	list_session_changes(call, &r);
	if (st.code == CODE_OK) {
		TRY(pack_response(call, response, &r));
		r.found_existing = call->found_existing;
	} else {
		r.message = text(&call->arena, str_c(st.msg));
		r.retry_after_s = call->retry_after_s;
		r.rate_limit = call->rate_limit;
		r.not_executed = st.code == CODE_UNAVAILABLE;
		list_violations(call, &r);
	}
	return pb_pack(&r.base, out);
}

status rpc_envelope_write_refusal(struct buf *out, const char *message)
{
	rpcv1_reply r;

	rpcv1_reply_init(&r);
	r.code = CODE_UNAVAILABLE;
	r.message = (char *)(uintptr_t)message;
	r.not_executed = true;
	return pb_pack(&r.base, out);
}
