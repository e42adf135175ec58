/*
 * Design notes. A request is read on the loop, then runs on a fiber of its own to its end; the
 * struct call lives exactly as long and goes back to a pool with its arena, so that after warm-up a
 * call allocates nothing. The fiber alone ends its call, whatever happens meanwhile:
 *  - a peer that goes away takes itself out of its calls and cancels their fibers; their replies
 *    are dropped;
 *  - a drain whose time is up cancels them too; then the reply leaves, and says that the outcome is
 *    not known.
 * What is refused before a fiber runs (limits, drain) was surely not executed and says so.
 */
#include "rpc/server.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/list.h"
#include "canaduck/rpc/v1/health.server.h"
#include "canaduck/rpc/v1/reflection.server.h"
#include "fiber/fiber.h"
#include "metrics/metrics.h"
#include "pb/message.h"
#include "rpc/admit.h"
#include "rpc/call.h"
#include "rpc/envelope.h"
#include "rpc/report.h"
#include "rpc/serving.h"

enum {
	MAX_CALLS = 1024,
	MAX_CALLS_PER_PEER = 512,
	MAX_TIMEOUT_MS = 30000,
	MAX_PORTS = 8,
	MAX_SERVICES = 16,
	KEPT_REPLY_BYTES = 256 * 1024
};

struct rpc_server {
	struct rpc_server_config  cfg;
	struct rpc_methods        methods;
	const struct rpc_service *services[MAX_SERVICES];
	unsigned                  n_services;
	struct rpc_port          *ports[MAX_PORTS];
	unsigned                  n_ports;
	struct list               peers;
	struct list               calls;
	struct list               pool; /* of calls that are over */
	uint32_t                  n_calls;
	bool                      is_draining;
	struct buf                reply;
	struct metrics_gauge     *in_flight;
};

struct peer {
	struct rpc_peer *base;
	struct list      calls;
	uint32_t         n_calls;
	struct list      link;
};

struct server_call {
	struct rpc_call    call;
	struct rpc_server *server;
	struct peer       *peer; /* NULL: it went away */
	uint64_t           id;
	rpcv1_request     *envelope;
	struct rpc_served *served;
	struct fiber      *fiber;
	int64_t            start_ns;
	bool               is_cut_off; /* by rpc_server_cancel() */
	struct list        in_server, in_peer;
};

/* ---- a call's life ---- */

static struct server_call *take_call(struct rpc_server *s, struct peer *peer, uint64_t id)
{
	struct server_call *c;

	if (list_is_empty(&s->pool)) {
		c = mem_zalloc(sizeof *c);
		rpc_call_init(&c->call, 0);
	} else {
		c = container_of(s->pool.next, struct server_call, in_server);
		list_remove(&c->in_server);
	}
	c->server = s;
	c->peer = peer;
	c->id = id;
	c->envelope = NULL;
	c->served = &s->methods.unknown;
	c->fiber = NULL;
	c->start_ns = clock_now_ns();
	c->is_cut_off = false;
	list_append(&s->calls, &c->in_server);
	list_append(&peer->calls, &c->in_peer);
	peer->n_calls++;
	s->n_calls++;
	metrics_gauge_add(s->in_flight, 1);
	return c;
}

static void give_back(struct server_call *c)
{
	struct rpc_server *s = c->server;

	if (c->peer) {
		c->peer->n_calls--;
		list_remove(&c->in_peer);
	}
	list_remove(&c->in_server);
	s->n_calls--;
	metrics_gauge_add(s->in_flight, -1);
	rpc_call_reuse(&c->call);
	list_prepend(&s->pool, &c->in_server);
}

static void send_reply(struct rpc_server *s, struct rpc_peer *to, uint64_t id)
{
	to->port->ops->reply(to, id, buf_str(&s->reply));
	if (s->reply.size > KEPT_REPLY_BYTES)
		buf_fini(&s->reply);
}

/* What the peer is told of a failure; the log has it as it is. */
static status public_status(const struct server_call *c, status st)
{
	if (st.code == CODE_INTERNAL)
		return status_error(CODE_INTERNAL, "internal error");
	if (st.code == CODE_CANCELLED && c->is_cut_off)
		return status_error(CODE_DEADLINE_EXCEEDED, "the service stopped meanwhile");
	return st;
}

/* Ends the call: reply, counters, log line. */
static void end_call(struct server_call *c, status st, const ProtobufCMessage *response)
{
	struct rpc_server *s = c->server;

	buf_reset(&s->reply);
	if (c->peer) {
		status written = rpc_envelope_write_reply(&s->reply, &c->call, public_status(c, st),
		                                          response);

		if (written.code != CODE_OK) {
			st = status_error(CODE_INTERNAL, "the reply is too large");
			buf_reset(&s->reply);
			written = rpc_envelope_write_reply(&s->reply, &c->call,
			                                   public_status(c, st), NULL);
		}
		if (written.code == CODE_OK)
			send_reply(s, c->peer->base, c->id);
	}
	rpc_report(c->served, &c->call, st, clock_now_ns() - c->start_ns);
	give_back(c);
}

static status run_handler(struct server_call *c, ProtobufCMessage **out_response)
{
	struct rpc_server *s = c->server;
	struct rpc_served *served = rpc_methods_find(&s->methods, str_c(c->envelope->method));
	const ProtobufCBinaryData payload = c->envelope->payload;
	ProtobufCMessage         *request, *response;
	status                    st;

	if (served == NULL)
		return status_error(CODE_UNIMPLEMENTED, "no such method");
	c->served = served;
	c->call.method = served->method;
	fiber_set_label(served->method->name);
	TRY(rpc_admit(served->method, s->cfg.keys, clock_wall_us() / 1000000,
	              (str){(const char *)payload.data, payload.len}, &c->call, &request));
	if (clock_now_ns() >= c->call.deadline_ns)
		return status_error(CODE_UNAVAILABLE, "no time was left");
	response = pb_new(&c->call.arena, served->method->response->descriptor);
	st = served->handler(served->app, &c->call, request, response);
	if (st.code == CODE_NOT_FOUND && served->method->conceals)
		c->call.violations.count = 0;
	TRY(st);
	*out_response = response;
	return STATUS_OK;
}

static void run_call(void *arg)
{
	struct server_call *c = arg;
	ProtobufCMessage   *response = NULL;
	status              st;

	c->fiber = fiber_current();
	st = run_handler(c, &response);
	end_call(c, st, response);
}

/* ---- what the transport brings ---- */

static struct peer *peer_of(struct rpc_server *s, struct rpc_peer *base)
{
	struct peer *p = base->user;

	if (p)
		return p;
	p = mem_zalloc(sizeof *p);
	p->base = base;
	list_init(&p->calls);
	list_append(&s->peers, &p->link);
	base->user = p;
	return p;
}

static void refuse(struct rpc_server *s, struct rpc_peer *to, uint64_t id, const char *why)
{
	buf_reset(&s->reply);
	if (rpc_envelope_write_refusal(&s->reply, why).code == CODE_OK)
		send_reply(s, to, id);
	rpc_served_count(&s->methods.unknown, CODE_UNAVAILABLE, 0);
}

/* Why a request cannot be taken, or NULL. */
static const char *reason_to_refuse(const struct rpc_server *s, const struct peer *p)
{
	if (s->is_draining)
		return "the service is stopping";
	if (s->n_calls >= s->cfg.max_calls || p->n_calls >= s->cfg.max_calls_per_peer)
		return "the service is overloaded";
	return NULL;
}

static int64_t deadline_of(const struct server_call *c)
{
	uint32_t max_ms = c->server->cfg.max_timeout_ms;
	uint32_t ms = c->envelope->timeout_ms;

	return c->start_ns + (ms == 0 || ms > max_ms ? max_ms : ms) * CLOCK_NS_PER_MS;
}

static void on_request(void *arg, struct rpc_peer *base, uint64_t id, str envelope)
{
	struct rpc_server  *s = arg;
	struct peer        *p = peer_of(s, base);
	const char         *why = reason_to_refuse(s, p);
	struct server_call *c;
	status              st;

	if (why) {
		refuse(s, base, id, why);
		return;
	}
	c = take_call(s, p, id);
	st = rpc_envelope_read_request(envelope, &c->call, &c->envelope);
	if (st.code != CODE_OK) {
		end_call(c, st, NULL);
		return;
	}
	c->call.deadline_ns = deadline_of(c);
	st = fiber_spawn(s->cfg.fibers, run_call, c, c->call.deadline_ns, NULL);
	if (st.code != CODE_OK)
		end_call(c, status_error(CODE_UNAVAILABLE, "the service is overloaded"), NULL);
}

/* The call unwinds as after its deadline; what it held in a transaction is rolled back. */
static void on_cancel(void *arg __attribute__((unused)), struct rpc_peer *base, uint64_t id)
{
	struct peer *p = base->user;

	if (p == NULL)
		return;
	list_for_each (it, &p->calls) {
		struct server_call *c = container_of(it, struct server_call, in_peer);

		if (c->id == id) {
			fiber_cancel(c->fiber);
			return;
		}
	}
}

static void free_peer(struct peer *p)
{
	list_remove(&p->link);
	mem_free(p);
}

static void on_gone(void *arg __attribute__((unused)), struct rpc_peer *base)
{
	struct peer *p = base->user;

	if (p == NULL)
		return;
	while (!list_is_empty(&p->calls)) {
		struct server_call *c = container_of(p->calls.next, struct server_call, in_peer);

		c->peer = NULL;
		list_remove(&c->in_peer);
		fiber_cancel(c->fiber);
	}
	base->user = NULL;
	free_peer(p);
}

/* ---- life ---- */

status rpc_server_new(const struct rpc_server_config *cfg, struct rpc_server **out_server)
{
	struct rpc_server *s = mem_zalloc(sizeof *s);

	s->cfg = *cfg;
	if (s->cfg.max_calls == 0)
		s->cfg.max_calls = MAX_CALLS;
	if (s->cfg.max_calls_per_peer == 0)
		s->cfg.max_calls_per_peer = MAX_CALLS_PER_PEER;
	if (s->cfg.max_timeout_ms == 0)
		s->cfg.max_timeout_ms = MAX_TIMEOUT_MS;
	list_init(&s->peers);
	list_init(&s->calls);
	list_init(&s->pool);
	buf_init(&s->reply, RPC_MAX_FRAME);
	s->in_flight = metrics_gauge_get("rpc_server_calls_in_flight", "Calls under way.", NULL);
	rpc_methods_init(&s->methods);
	rpc_server_add(s, &health_handlers, s);
	rpc_server_add(s, &reflection_handlers, s);
	*out_server = s;
	return STATUS_OK;
}

void rpc_server_add(struct rpc_server *s, const struct rpc_handlers *handlers, void *app)
{
	if (s->n_services == MAX_SERVICES)
		mem_die("rpc: too many services in one server");
	s->services[s->n_services++] = handlers->service;
	rpc_methods_add(&s->methods, handlers, app);
}

status rpc_server_listen(struct rpc_server *s, str url)
{
	const struct rpc_port_events events = {
	        .on_request = on_request, .on_cancel = on_cancel, .on_gone = on_gone, .arg = s};

	if (s->n_ports == MAX_PORTS)
		return status_error(CODE_RESOURCE_EXHAUSTED, "too many addresses");
	TRY(rpc_transport_listen(s->cfg.loop, url, s->cfg.tls, &events, &s->ports[s->n_ports]));
	s->n_ports++;
	return STATUS_OK;
}

void rpc_server_drain(struct rpc_server *s)
{
	s->is_draining = true;
	for (unsigned i = 0; i < s->n_ports; i++)
		s->ports[i]->ops->drain(s->ports[i]);
}

bool rpc_server_is_idle(const struct rpc_server *s)
{
	if (s->n_calls > 0)
		return false;
	for (unsigned i = 0; i < s->n_ports; i++)
		if (!s->ports[i]->ops->is_idle(s->ports[i]))
			return false;
	return true;
}

void rpc_server_cancel(struct rpc_server *s)
{
	list_for_each (it, &s->calls) {
		struct server_call *c = container_of(it, struct server_call, in_server);

		c->is_cut_off = true;
		fiber_cancel(c->fiber);
	}
}

uint32_t rpc_server_count(const struct rpc_server *s)
{
	return s->n_calls;
}

static void free_pool(struct rpc_server *s)
{
	while (!list_is_empty(&s->pool)) {
		struct server_call *c = container_of(s->pool.next, struct server_call, in_server);

		list_remove(&c->in_server);
		rpc_call_fini(&c->call);
		mem_free(c);
	}
}

void rpc_server_free(struct rpc_server *s)
{
	if (s == NULL)
		return;
	if (s->n_calls > 0)
		mem_die("rpc: a server is freed while calls are under way");
	for (unsigned i = 0; i < s->n_ports; i++)
		s->ports[i]->ops->close(s->ports[i]);
	while (!list_is_empty(&s->peers))
		free_peer(container_of(s->peers.next, struct peer, link));
	free_pool(s);
	rpc_methods_fini(&s->methods);
	buf_fini(&s->reply);
	mem_free(s);
}

/* ---- for Health and Reflection ---- */

status rpc_server_check(const struct rpc_server *s, struct arena *a)
{
	return s->cfg.check_health ? s->cfg.check_health(s->cfg.health_arg, a) : STATUS_OK;
}

const struct rpc_methods *rpc_server_methods(const struct rpc_server *s)
{
	return &s->methods;
}

bool rpc_server_service(const struct rpc_server *s, unsigned index,
                        const struct rpc_service **out_service)
{
	if (index >= s->n_services)
		return false;
	*out_service = s->services[index];
	return true;
}
