#include "rpc/pipe.h"

#include "base/mem.h"
#include "rpc/transport.h"

/* Requests wait for their server within these; replies are bounded by the calls under way. */
enum { MAX_REQUEST_BYTES = 4 * RPC_MAX_FRAME, MAX_REQUESTS = 4096 };

struct rpc_pipe *rpc_pipe_new(struct loop *link_loop, struct loop_task *link_task,
                              struct loop *port_loop, struct loop_task *port_task)
{
	struct rpc_pipe *p = mem_zalloc(sizeof *p);

	pthread_mutex_init(&p->mutex, NULL);
	p->link = (struct rpc_pipe_end){.loop = link_loop, .task = link_task};
	p->port = (struct rpc_pipe_end){.loop = port_loop, .task = port_task};
	rpc_lane_init(&p->link.out, MAX_REQUEST_BYTES, MAX_REQUESTS);
	rpc_lane_init(&p->port.out, SIZE_MAX, UINT32_MAX);
	return p;
}

/* An end that is open outlives the post: it closes under the mutex. The bell is rung without it. */
static struct loop_bell *wake_locked(const struct rpc_pipe_end *end)
{
	return end->loop ? loop_post_quietly(end->loop, end->task) : NULL;
}

status rpc_pipe_request(struct rpc_pipe *p, uint64_t id, str envelope)
{
	struct loop_bell *bell = NULL;
	status            st = STATUS_OK;

	pthread_mutex_lock(&p->mutex);
	if (p->port.loop == NULL || p->is_draining)
		st = status_error(CODE_UNAVAILABLE, "the service is not within reach");
	else if (!rpc_lane_put(&p->link.out, id, envelope))
		st = status_error(CODE_UNAVAILABLE, "the service is overloaded");
	else if (p->link.out.count == 1)
		bell = wake_locked(&p->port);
	pthread_mutex_unlock(&p->mutex);
	loop_bell_ring(bell);
	return st;
}

void rpc_pipe_reply(struct rpc_pipe *p, uint64_t id, str envelope)
{
	struct loop_bell *bell = NULL;

	pthread_mutex_lock(&p->mutex);
	if (p->link.loop && rpc_lane_put(&p->port.out, id, envelope) && p->port.out.count == 1)
		bell = wake_locked(&p->link);
	pthread_mutex_unlock(&p->mutex);
	loop_bell_ring(bell);
}

void rpc_pipe_drain(struct rpc_pipe *p)
{
	struct loop_bell *bell;

	pthread_mutex_lock(&p->mutex);
	p->is_draining = true;
	bell = wake_locked(&p->link);
	pthread_mutex_unlock(&p->mutex);
	loop_bell_ring(bell);
}

bool rpc_pipe_take_requests(struct rpc_pipe *p, struct rpc_lane *requests)
{
	bool is_open;

	pthread_mutex_lock(&p->mutex);
	is_open = p->link.loop != NULL;
	if (is_open && p->link.out.count > 0)
		rpc_lane_swap(&p->link.out, requests);
	pthread_mutex_unlock(&p->mutex);
	return is_open;
}

enum rpc_pipe_state rpc_pipe_take_replies(struct rpc_pipe *p, struct rpc_lane *replies,
                                          struct rpc_lane *unsent)
{
	enum rpc_pipe_state state = RPC_PIPE_OPEN;

	pthread_mutex_lock(&p->mutex);
	if (p->port.out.count > 0)
		rpc_lane_swap(&p->port.out, replies);
	if (p->port.loop == NULL) {
		rpc_lane_swap(&p->link.out, unsent);
		state = RPC_PIPE_CLOSED;
	} else if (p->is_draining) {
		state = RPC_PIPE_DRAINING;
	}
	pthread_mutex_unlock(&p->mutex);
	return state;
}

static void close_end(struct rpc_pipe *p, struct rpc_pipe_end *mine, struct rpc_pipe_end *other)
{
	struct loop_bell *bell;
	bool              is_last;

	pthread_mutex_lock(&p->mutex);
	mine->loop = NULL;
	is_last = other->loop == NULL;
	bell = wake_locked(other);
	pthread_mutex_unlock(&p->mutex);
	loop_bell_ring(bell);
	if (!is_last)
		return;
	rpc_lane_fini(&p->link.out);
	rpc_lane_fini(&p->port.out);
	pthread_mutex_destroy(&p->mutex);
	mem_free(p);
}

void rpc_pipe_close_link(struct rpc_pipe *p)
{
	close_end(p, &p->link, &p->port);
}

void rpc_pipe_close_port(struct rpc_pipe *p)
{
	close_end(p, &p->port, &p->link);
}
