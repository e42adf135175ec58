#include "edge/ws_queue.h"

#include "base/mem.h"
#include "edge/ws_frame.h"

enum { FIRST_SIZE = 4 }; /* sizes are powers of two */

static void grow(struct edge_ws_queue *q)
{
	unsigned               size = q->size ? 2 * q->size : FIRST_SIZE;
	struct edge_ws_frame **frames = mem_zalloc_array(size, sizeof *frames);

	for (unsigned i = 0; i < q->n; i++)
		frames[i] = edge_ws_queue_at(q, i);
	mem_free(q->frames);
	q->frames = frames;
	q->size = size;
	q->first = 0;
}

void edge_ws_queue_force(struct edge_ws_queue *q, struct edge_ws_frame *f)
{
	if (q->n == q->size)
		grow(q);
	q->frames[(q->first + q->n) & (q->size - 1)] = edge_ws_frame_ref(f);
	q->n++;
	q->bytes += f->len;
}

bool edge_ws_queue_add(struct edge_ws_queue *q, struct edge_ws_frame *f)
{
	if (q->bytes + f->len > q->max_bytes)
		return false;
	edge_ws_queue_force(q, f);
	return true;
}

unsigned edge_ws_queue_begin(struct edge_ws_queue *q, unsigned max)
{
	q->n_leaving = q->n < max ? q->n : max;
	return q->n_leaving;
}

struct edge_ws_frame *edge_ws_queue_at(const struct edge_ws_queue *q, unsigned i)
{
	return q->frames[(q->first + i) & (q->size - 1)];
}

/* What a burst took is given back once it is over. */
static void shrink(struct edge_ws_queue *q)
{
	if (q->n > 0 || q->size <= FIRST_SIZE)
		return;
	mem_free(q->frames);
	q->frames = NULL;
	q->size = q->first = 0;
}

void edge_ws_queue_end(struct edge_ws_queue *q)
{
	for (; q->n_leaving > 0; q->n_leaving--) {
		struct edge_ws_frame *f = edge_ws_queue_at(q, 0);

		q->bytes -= f->len;
		q->first = (q->first + 1) & (q->size - 1);
		q->n--;
		edge_ws_frame_unref(f);
	}
	shrink(q);
}

void edge_ws_queue_drop(struct edge_ws_queue *q)
{
	while (q->n > q->n_leaving) {
		struct edge_ws_frame *f = edge_ws_queue_at(q, --q->n);

		q->bytes -= f->len;
		edge_ws_frame_unref(f);
	}
	shrink(q);
}

void edge_ws_queue_fini(struct edge_ws_queue *q)
{
	q->n_leaving = 0;
	edge_ws_queue_drop(q);
	mem_free(q->frames);
	*q = (struct edge_ws_queue){.max_bytes = q->max_bytes};
}
