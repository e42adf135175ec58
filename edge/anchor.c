#include "edge/anchor.h"

#include "base/clock.h"
#include "edge/internal.h"
#include "fiber/fiber.h"

#include <sys/socket.h>

/* h2o calls it when the request dies: answered to the end, or its client left. */
static void on_dispose(void *p)
{
	struct edge_anchor *a = p;

	a->edge->n_anchors--;
	loop_timer_cancel(a->edge->loop, &a->send_timer);
	if (a->on_gone)
		a->on_gone(a->arg);
	if (a->exchange == NULL)
		return;
	a->exchange->req = NULL;
	a->exchange->anchor = NULL;
	if (a->exchange->fiber)
		fiber_cancel(a->exchange->fiber);
}

/* h2o then sees the write fail and closes by itself. */
static void on_send_timeout(struct loop_timer *t)
{
	struct edge_anchor *a = container_of(t, struct edge_anchor, send_timer);

	shutdown(h2o_socket_get_fd(a->conn->callbacks->get_socket(a->conn)), SHUT_RDWR);
}

struct edge_anchor *edge_anchor_new(struct edge_exchange *ex)
{
	struct edge_anchor *a = h2o_mem_alloc_shared(&ex->req->pool, sizeof *a, on_dispose);

	a->exchange = ex;
	a->edge = ex->edge;
	a->edge->n_anchors++;
	a->conn = ex->req->conn;
	a->on_gone = NULL;
	loop_timer_init(&a->send_timer, on_send_timeout);
	return a;
}

void edge_anchor_answer(struct edge_anchor *a, uint32_t timeout_ms)
{
	a->exchange->anchor = NULL;
	a->exchange = NULL;
	loop_timer_set(a->edge->loop, &a->send_timer, clock_after_ms(timeout_ms));
}

void edge_anchor_hand_over(struct edge_anchor *a, void (*on_gone)(void *arg), void *arg)
{
	a->exchange->anchor = NULL;
	a->exchange = NULL;
	a->on_gone = on_gone;
	a->arg = arg;
}
