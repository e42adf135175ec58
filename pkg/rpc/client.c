/*
 * Design notes. A call is a struct rpc_pending in its fiber's storage, found by its id as long as a
 * try is under way. A try ends once: by a reply, by the link losing it, by the caller giving up, or
 * by the client being freed. Ending it takes the id back first, so nothing that comes later finds
 * it. A second try starts right where the first one ended, in the link's callback; the fiber only
 * sees the outcome.
 */
#include "rpc/client.h"

#include "auth/seal.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "loop/loop.h"
#include "metrics/metrics.h"
#include "pb/message.h"
#include "rpc/envelope.h"
#include "rpc/replicas.h"
#include "rpc/slots.h"

#include <assert.h>

enum { MAX_NAME = 4096, MAX_CALLS = 4096, MAX_TRIES = 2, KEPT_REQUEST_BYTES = 256 * 1024 };

struct rpc_client {
	struct loop                *loop;
	const struct rpc_tls       *tls;
	const struct identity_keys *keys; /* NULL: to SERVICE methods too it goes unsealed */
	struct identity             self;
	struct seal                 seal;
	struct arena                arena; /* of its name */
	struct rpc_slots            calls; /* struct rpc_pending */
	struct rpc_replicas         replicas;
	struct metrics_gauge       *links_down;
	struct buf                  request; /* the envelope being sent */
};

/* ---- tries ---- */

static void finish_with(struct rpc_pending *p, status st)
{
	p->result = st;
	p->is_done = true;
	if (p->fiber != fiber_current())
		fiber_wake(p->fiber);
}

static status not_sent(struct rpc_pending *p, const char *why)
{
	p->call->not_executed = true;
	return status_error(CODE_UNAVAILABLE, why);
}

/* The request went out and no reply will come. */
static status lost(struct rpc_pending *p)
{
	if (p->method->has_no_side_effects)
		return not_sent(p, "the service was lost");
	p->call->not_executed = false;
	return status_error(CODE_DEADLINE_EXCEEDED, "the service was lost, the outcome is unknown");
}

static void end_try(struct rpc_pending *p)
{
	rpc_slots_release(&p->client->calls, p->id);
	p->id = 0;
	p->replica->in_flight--;
}

/* Time left in milliseconds, rounded up; 0: without limit, or none left (the caller knows). */
static uint32_t timeout_of(const struct rpc_call *call)
{
	int64_t left_ms;

	if (call->deadline_ns == CLOCK_NEVER)
		return 0;
	left_ms = (call->deadline_ns - clock_now_ns() + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS;
	if (left_ms <= 0)
		return 0;
	return left_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)left_ms;
}

static status seal_self(struct rpc_client *c, struct identity_sealed *out_sealed)
{
	if (c->keys)
		return seal_get(&c->seal, c->keys, &c->self, 0, clock_wall_us() / 1000000, 0,
		                out_sealed);
	*out_sealed = (struct identity_sealed){0};
	return STATUS_OK;
}

static status send_to(struct rpc_pending *p, struct rpc_replica *r)
{
	struct rpc_client     *c = p->client;
	struct identity_sealed sealed = p->call->sealed;
	status                 st;

	if (p->method->auth == RPC_AUTH_SERVICE)
		TRY(seal_self(c, &sealed));
	buf_reset(&c->request);
	TRY(rpc_envelope_write_request(&c->request, p->call, p->method, sealed, timeout_of(p->call),
	                               p->request));
	p->id = rpc_slots_take(&c->calls, p);
	if (p->id == 0)
		return not_sent(p, "too many calls are under way");
	p->replica = r;
	r->in_flight++;
	st = r->link->ops->send(r->link, p->id, buf_str(&c->request));
	if (st.code != CODE_OK) {
		end_try(p);
		p->call->not_executed = true;
		rpc_replica_failed(r, clock_now_ns());
	}
	if (c->request.size > KEPT_REQUEST_BYTES)
		buf_fini(&c->request);
	return st;
}

/* Sends on a replica other than not_this; one that takes nothing is passed over. */
static status send_somewhere(struct rpc_pending *p, const struct rpc_replica *not_this)
{
	status st = not_sent(p, "the service is not within reach");

	p->tries++;
	if (p->call->deadline_ns <= clock_now_ns())
		return status_error(CODE_DEADLINE_EXCEEDED, "no time was left");
	for (int i = 0; i < MAX_TRIES; i++) {
		struct rpc_replica *r =
		        rpc_replicas_pick(&p->client->replicas, not_this, clock_now_ns());

		if (r == NULL)
			return st;
		st = send_to(p, r);
		if (st.code != CODE_UNAVAILABLE)
			return st;
		not_this = r;
	}
	return st;
}

/*
 * A failed try goes to another replica, once, if that can do no harm: nothing was executed (a
 * replica that drains or is full refused it), or doing it twice changes nothing.
 */
static void try_again_or_finish(struct rpc_pending *p, status st)
{
	bool is_harmless = p->method->has_no_side_effects || p->call->not_executed;

	if (is_harmless && p->tries < MAX_TRIES &&
	    rpc_replicas_pick(&p->client->replicas, p->replica, clock_now_ns()) &&
	    send_somewhere(p, p->replica).code == CODE_OK)
		return;
	finish_with(p, st);
}

static void on_reply(void *arg, uint64_t call_id, str envelope)
{
	struct rpc_replica *r = arg;
	struct rpc_pending *p = rpc_slots_get(&r->client->calls, call_id);
	status              st;

	if (p == NULL || p->replica != r)
		return;
	end_try(p);
	st = rpc_envelope_read_reply(envelope, p->method, p->call, &p->response);
	if (st.code != CODE_UNAVAILABLE) {
		rpc_replica_worked(r);
		finish_with(p, st);
		return;
	}
	rpc_replica_failed(r, clock_now_ns());
	/* Never say UNAVAILABLE, which invites to come again, of what may have happened. */
	if (!p->call->not_executed)
		st = lost(p);
	try_again_or_finish(p, st);
}

static void on_lost(void *arg, uint64_t call_id, bool may_have_run)
{
	struct rpc_replica *r = arg;
	struct rpc_pending *p = rpc_slots_get(&r->client->calls, call_id);

	if (p == NULL || p->replica != r)
		return;
	end_try(p);
	rpc_replica_failed(r, clock_now_ns());
	try_again_or_finish(p, may_have_run ? lost(p) : not_sent(p, "the service was lost"));
}

static void on_state(void *arg, bool is_up)
{
	struct rpc_replica *r = arg;

	metrics_gauge_add(r->client->links_down, is_up ? -1 : 1);
	if (is_up)
		rpc_replica_worked(r);
}

/* ---- calls ---- */

static status pack_request(struct rpc_call *call, const ProtobufCMessage *request, str *out_packed)
{
	size_t   size = protobuf_c_message_get_packed_size(request);
	uint8_t *to;

	if (size > RPC_MAX_FRAME)
		return status_error(CODE_RESOURCE_EXHAUSTED, "the request is too large");
	to = arena_alloc(&call->arena, size);
	*out_packed = (str){(const char *)to, protobuf_c_message_pack(request, to)};
	return STATUS_OK;
}

void rpc_client_start(struct rpc_client *c, struct rpc_call *call, const struct rpc_method *m,
                      const ProtobufCMessage *request, struct rpc_pending *p)
{
	status st;

	assert(fiber_current());
	*p = (struct rpc_pending){.client = c, .call = call, .method = m, .fiber = fiber_current()};
	call->not_executed = true; /* until it is sent */
	st = pack_request(call, request, &p->request);
	if (st.code == CODE_OK)
		st = send_somewhere(p, NULL);
	if (st.code != CODE_OK)
		finish_with(p, st);
}

static status give_up(struct rpc_pending *p, status why)
{
	struct rpc_link *link = p->replica->link;

	link->ops->forget(link, p->id);
	end_try(p);
	p->call->not_executed = false;
	if (why.code == CODE_DEADLINE_EXCEEDED)
		return status_error(CODE_DEADLINE_EXCEEDED, "no reply in time");
	return why;
}

status rpc_client_finish(struct rpc_pending *p, ProtobufCMessage **out_response)
{
	while (!p->is_done) {
		status st = fiber_suspend(p->call->deadline_ns);

		if (st.code != CODE_OK && !p->is_done)
			return give_up(p, st);
	}
	TRY(p->result);
	*out_response = p->response;
	return STATUS_OK;
}

status rpc_client_call(struct rpc_client *c, struct rpc_call *call, const struct rpc_method *m,
                       const ProtobufCMessage *request, ProtobufCMessage **out_response)
{
	struct rpc_pending p;

	rpc_client_start(c, call, m, request, &p);
	return rpc_client_finish(&p, out_response);
}

/* ---- life ---- */

status rpc_client_new(const struct rpc_client_config *cfg, struct rpc_client **out_client)
{
	struct rpc_client *c = mem_zalloc(sizeof *c);

	c->loop = cfg->loop;
	c->tls = cfg->tls;
	c->replicas.random = (uint32_t)clock_now_ns() | 1;
	arena_init(&c->arena, MAX_NAME);
	c->keys = cfg->keys;
	c->self = (struct identity){.kind = IDENTITY_SERVICE,
	                            .name = arena_dup(&c->arena, cfg->name)};
	c->links_down = metrics_gauge_get(
	        "rpc_client_links_down", "Replicas that a client cannot reach now.",
	        METRICS_LABELS("client", arena_cstr(&c->arena, cfg->name)));
	rpc_slots_init(&c->calls, cfg->max_calls ? cfg->max_calls : MAX_CALLS);
	buf_init(&c->request, RPC_MAX_FRAME);
	*out_client = c;
	return STATUS_OK;
}

status rpc_client_add(struct rpc_client *c, str url)
{
	struct rpc_link_events events = {on_reply, on_lost, on_state, NULL};
	struct rpc_replica    *r;
	status                 st;

	if (c->replicas.count == RPC_MAX_REPLICAS)
		return status_error(CODE_RESOURCE_EXHAUSTED, "too many replicas");
	r = mem_zalloc(sizeof *r);
	r->client = c;
	events.arg = r;
	st = rpc_transport_link(c->loop, url, c->tls, &events, &r->link);
	if (st.code != CODE_OK) {
		mem_free(r);
		return st;
	}
	c->replicas.items[c->replicas.count++] = r;
	if (!r->link->is_up)
		metrics_gauge_add(c->links_down, 1);
	return STATUS_OK;
}

bool rpc_client_is_up(const struct rpc_client *c)
{
	for (unsigned i = 0; i < c->replicas.count; i++)
		if (c->replicas.items[i]->link->is_up)
			return true;
	return false;
}

void rpc_client_free(struct rpc_client *c)
{
	uint64_t id;

	if (c == NULL)
		return;
	while ((id = rpc_slots_any(&c->calls)) != 0) {
		struct rpc_pending *p = rpc_slots_get(&c->calls, id);

		end_try(p);
		finish_with(p, lost(p));
	}
	for (unsigned i = 0; i < c->replicas.count; i++) {
		struct rpc_replica *r = c->replicas.items[i];

		if (!r->link->is_up)
			metrics_gauge_add(c->links_down, -1);
		r->link->ops->close(r->link);
		mem_free(r);
	}
	seal_fini(&c->seal);
	arena_fini(&c->arena);
	rpc_slots_fini(&c->calls);
	buf_fini(&c->request);
	mem_free(c);
}
