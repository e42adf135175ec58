/*
 * Design notes. Links and ports meet in a registry of names, the one piece of state of this file
 * that is the process's: an address within a process has no other home. Its mutex is held while
 * ends are joined or leave, never while frames move; those pass through a pipe of their own
 * (rpc/pipe.h).
 *
 * Each end has one task, posted to its loop when there may be something to do: frames, the other
 * end's closing, a listener for the name. All callbacks run from it, so never within a send.
 * Whoever posts it holds the mutex (the registry's, the port's or the pipe's) under which the end
 * would leave; so an end leaves all three, cancels its task, and is gone.
 *
 * Order of locks: registry, port, pipe, loop.
 *
 * A port that closes leaves in the pipe what it replied, and the requests it never took. The link
 * delivers the former, reports the latter as surely not executed, and the rest of its calls as
 * lost.
 */
#include "rpc/inproc.h"

#include "base/list.h"
#include "loop/loop.h"
#include "rpc/id_set.h"
#include "rpc/pipe.h"

#include <pthread.h>

enum { MAX_CALLS = 8192 }; /* under way on one link */

struct inproc_port;

struct name {
	str                 text;
	struct inproc_port *port; /* NULL: nobody listens */
	struct list         links;
	struct list         link;
};

struct inproc_port {
	struct rpc_port  base;
	struct loop     *loop;
	struct loop_task task;
	struct name     *name; /* NULL: draining */
	pthread_mutex_t  mutex;
	struct list      incoming; /* peers; under mutex */
	struct list      peers;
	struct rpc_lane  requests; /* taken, being handed over */
};

struct inproc_peer {
	struct rpc_peer  base;
	struct rpc_pipe *pipe;
	struct list      link;
};

struct inproc_link {
	struct rpc_link   base;
	struct loop      *loop;
	struct loop_task  task;
	struct name      *name;
	struct list       link; /* in name->links */
	struct rpc_pipe  *pipe; /* NULL: nobody listens */
	struct rpc_id_set calls;
	struct rpc_lane   replies, unsent; /* taken, being handed over */
};

static struct {
	pthread_mutex_t mutex;
	struct list     names; /* under mutex, with what is in them */
} registry = {PTHREAD_MUTEX_INITIALIZER, {&registry.names, &registry.names}};

static struct name *find_name_locked(str text)
{
	struct name *n;

	list_for_each (it, &registry.names) {
		n = container_of(it, struct name, link);
		if (str_eq(n->text, text))
			return n;
	}
	n = mem_zalloc(sizeof *n);
	n->text = (str){mem_strndup(text.ptr, text.len), text.len};
	list_init(&n->links);
	list_append(&registry.names, &n->link);
	return n;
}

static void free_name_if_unused_locked(struct name *n)
{
	if (n->port || !list_is_empty(&n->links))
		return;
	list_remove(&n->link);
	mem_free((char *)n->text.ptr);
	mem_free(n);
}

/* ---- the server's end ---- */

static void reply(struct rpc_peer *base, uint64_t call_id, str envelope)
{
	rpc_pipe_reply(container_of(base, struct inproc_peer, base)->pipe, call_id, envelope);
}

static void free_peer(struct inproc_peer *peer)
{
	list_remove(&peer->link);
	rpc_pipe_close_port(peer->pipe);
	mem_free(peer);
}

static void serve(struct inproc_port *p, struct inproc_peer *peer)
{
	const struct rpc_port_events *on = &p->base.events;
	bool                          is_open = rpc_pipe_take_requests(peer->pipe, &p->requests);
	size_t                        at = 0;
	uint64_t                      id;
	str                           envelope;

	while (rpc_lane_next(&p->requests, &at, &id, &envelope)) {
		if (envelope.len > 0)
			on->on_request(on->arg, &peer->base, id, envelope);
		else if (on->on_cancel)
			on->on_cancel(on->arg, &peer->base, id);
	}
	rpc_lane_clear(&p->requests);
	if (!is_open) {
		on->on_gone(on->arg, &peer->base);
		free_peer(peer);
	}
}

static void admit_incoming(struct inproc_port *p)
{
	pthread_mutex_lock(&p->mutex);
	list_splice(&p->peers, &p->incoming);
	pthread_mutex_unlock(&p->mutex);
}

static void on_port_task(struct loop_task *t)
{
	struct inproc_port *p = container_of(t, struct inproc_port, task);

	admit_incoming(p);
	list_for_each_safe (it, &p->peers)
		serve(p, container_of(it, struct inproc_peer, link));
}

static void leave_name(struct inproc_port *p)
{
	if (p->name == NULL)
		return;
	pthread_mutex_lock(&registry.mutex);
	p->name->port = NULL;
	free_name_if_unused_locked(p->name);
	pthread_mutex_unlock(&registry.mutex);
	p->name = NULL;
}

static void drain(struct rpc_port *base)
{
	struct inproc_port *p = container_of(base, struct inproc_port, base);

	leave_name(p);
	admit_incoming(p);
	list_for_each (it, &p->peers)
		rpc_pipe_drain(container_of(it, struct inproc_peer, link)->pipe);
}

/* What was replied is in the pipe, which outlives the port. */
static bool is_idle(const struct rpc_port *base __attribute__((unused)))
{
	return true;
}

static void close_port(struct rpc_port *base)
{
	struct inproc_port *p = container_of(base, struct inproc_port, base);

	leave_name(p);
	admit_incoming(p);
	while (!list_is_empty(&p->peers))
		free_peer(container_of(p->peers.next, struct inproc_peer, link));
	loop_task_cancel(p->loop, &p->task);
	rpc_lane_fini(&p->requests);
	pthread_mutex_destroy(&p->mutex);
	mem_free(p);
}

static struct inproc_port *new_port(struct loop *l, const struct rpc_port_events *events)
{
	static const struct rpc_port_ops ops = {
	        .reply = reply, .drain = drain, .is_idle = is_idle, .close = close_port};
	struct inproc_port *p = mem_zalloc(sizeof *p);

	p->base = (struct rpc_port){&ops, *events};
	p->loop = l;
	loop_task_init(&p->task, on_port_task);
	pthread_mutex_init(&p->mutex, NULL);
	list_init(&p->incoming);
	list_init(&p->peers);
	rpc_lane_init(&p->requests, SIZE_MAX, UINT32_MAX);
	return p;
}

static bool take_name(struct inproc_port *p, str text)
{
	struct name *n;
	bool         is_mine;

	pthread_mutex_lock(&registry.mutex);
	n = find_name_locked(text);
	is_mine = n->port == NULL;
	if (is_mine) {
		p->name = n;
		n->port = p;
		list_for_each (it, &n->links) {
			struct inproc_link *link = container_of(it, struct inproc_link, link);

			loop_post(link->loop, &link->task);
		}
	}
	pthread_mutex_unlock(&registry.mutex);
	return is_mine;
}

status rpc_inproc_listen(struct loop *l, str name, const struct rpc_port_events *events,
                         struct rpc_port **out_port)
{
	struct inproc_port *p = new_port(l, events);

	if (!take_name(p, name)) {
		close_port(&p->base);
		return status_error(CODE_ALREADY_EXISTS, "somebody listens there");
	}
	*out_port = &p->base;
	return STATUS_OK;
}

/* ---- the client's end ---- */

static status send_request(struct rpc_link *base, uint64_t call_id, str envelope)
{
	struct inproc_link *l = container_of(base, struct inproc_link, base);

	if (envelope.len == 0)
		return status_error(CODE_INVALID_ARGUMENT, "the request is empty");
	if (envelope.len > RPC_MAX_FRAME)
		return status_error(CODE_RESOURCE_EXHAUSTED, "the request is too large");
	if (l->pipe == NULL)
		return status_error(CODE_UNAVAILABLE, "the service is not within reach");
	if (l->calls.count >= MAX_CALLS)
		return status_error(CODE_UNAVAILABLE, "too many calls are under way");
	TRY(rpc_pipe_request(l->pipe, call_id, envelope));
	rpc_id_set_add(&l->calls, call_id);
	return STATUS_OK;
}

static void forget(struct rpc_link *base, uint64_t call_id)
{
	struct inproc_link *l = container_of(base, struct inproc_link, base);

	/* A pipe that takes nothing more leaves the call to its deadline. */
	if (rpc_id_set_remove(&l->calls, call_id) && l->pipe)
		(void)!rpc_pipe_request(l->pipe, call_id, (str){0}).code;
}

static void connect_link(struct inproc_link *l)
{
	struct inproc_port *port;

	pthread_mutex_lock(&registry.mutex);
	port = l->name->port;
	if (port) {
		struct inproc_peer *peer = mem_zalloc(sizeof *peer);

		l->pipe = rpc_pipe_new(l->loop, &l->task, port->loop, &port->task);
		peer->base.port = &port->base;
		peer->pipe = l->pipe;
		pthread_mutex_lock(&port->mutex);
		list_append(&port->incoming, &peer->link);
		pthread_mutex_unlock(&port->mutex);
	}
	pthread_mutex_unlock(&registry.mutex);
}

static void hand_over_replies(struct inproc_link *l)
{
	size_t   at = 0;
	uint64_t id;
	str      envelope;

	while (rpc_lane_next(&l->replies, &at, &id, &envelope))
		if (rpc_id_set_remove(&l->calls, id))
			l->base.events.on_reply(l->base.events.arg, id, envelope);
	rpc_lane_clear(&l->replies);
}

static void lose_calls(struct inproc_link *l)
{
	const struct rpc_link_events *on = &l->base.events;
	size_t                        at = 0;
	struct rpc_id_place           call;
	uint64_t                      id;
	str                           envelope;

	while (rpc_lane_next(&l->unsent, &at, &id, &envelope))
		if (rpc_id_set_remove(&l->calls, id))
			on->on_lost(on->arg, id, false);
	rpc_lane_clear(&l->unsent);
	while (rpc_id_set_take(&l->calls, &call))
		on->on_lost(on->arg, call.id, true);
}

static void set_state(struct inproc_link *l, bool is_up)
{
	if (l->base.is_up == is_up)
		return;
	l->base.is_up = is_up;
	l->base.events.on_state(l->base.events.arg, is_up);
}

static void on_link_task(struct loop_task *t)
{
	struct inproc_link *l = container_of(t, struct inproc_link, task);
	enum rpc_pipe_state state;

	if (l->pipe) {
		state = rpc_pipe_take_replies(l->pipe, &l->replies, &l->unsent);
		hand_over_replies(l);
		if (state == RPC_PIPE_CLOSED)
			lose_calls(l);
		if (state == RPC_PIPE_OPEN)
			return;
		set_state(l, false);
		if (l->calls.count > 0)
			return; /* a draining port still replies */
		rpc_pipe_close_link(l->pipe);
		l->pipe = NULL;
	}
	connect_link(l);
	if (l->pipe)
		set_state(l, true);
}

static void close_link(struct rpc_link *base)
{
	struct inproc_link *l = container_of(base, struct inproc_link, base);

	pthread_mutex_lock(&registry.mutex);
	list_remove(&l->link);
	free_name_if_unused_locked(l->name);
	pthread_mutex_unlock(&registry.mutex);
	if (l->pipe)
		rpc_pipe_close_link(l->pipe);
	loop_task_cancel(l->loop, &l->task);
	rpc_id_set_fini(&l->calls);
	rpc_lane_fini(&l->replies);
	rpc_lane_fini(&l->unsent);
	mem_free(l);
}

status rpc_inproc_link(struct loop *loop, str name, const struct rpc_link_events *events,
                       struct rpc_link **out_link)
{
	static const struct rpc_link_ops ops = {
	        .send = send_request, .forget = forget, .close = close_link};
	struct inproc_link *l = mem_zalloc(sizeof *l);

	l->base = (struct rpc_link){.ops = &ops, .events = *events};
	l->loop = loop;
	loop_task_init(&l->task, on_link_task);
	rpc_lane_init(&l->replies, SIZE_MAX, UINT32_MAX);
	rpc_lane_init(&l->unsent, SIZE_MAX, UINT32_MAX);
	pthread_mutex_lock(&registry.mutex);
	l->name = find_name_locked(name);
	list_append(&l->name->links, &l->link);
	pthread_mutex_unlock(&registry.mutex);
	loop_post(loop, &l->task);
	*out_link = &l->base;
	return STATUS_OK;
}
