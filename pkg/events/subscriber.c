/*
 * Design notes. One aio receives all the time; nng calls back on threads of its own, which put the
 * message into a queue and post a task to the loop. A queue that is full is not received for: then
 * nng's own buffer fills, and drops its oldest. The loop swaps the queue for an empty one.
 */
#include "events/subscriber.h"

#include "base/mem.h"
#include "events/dial.h"
#include "events/message.h"
#include "events/socket.h"
#include "events/url.h"
#include "loop/loop.h"

#include <nng/nng.h>
#include <nng/protocol/pubsub0/sub.h>
#include <pthread.h>

enum { MAX_QUEUED = 4096, MAX_QUEUED_BYTES = 16 * 1024 * 1024, FIRST_QUEUED = 64 };

struct queue {
	nng_msg **items;
	unsigned  count, size;
};

struct events_subscriber {
	struct events_subscriber_config cfg;
	nng_socket                      nng;
	bool                            is_open;
	struct events_dial             *dials;
	unsigned                        n_dials;

	nng_aio         *receiver;
	struct loop_task task;
	struct queue     taken; /* the loop's; [next, count) are still to come */
	unsigned         next;
	pthread_mutex_t  mutex; /* guards what follows */
	struct queue     queue;
	size_t           n_bytes; /* in queue */
	bool             is_receiving, is_closing;
};

static void push_locked(struct events_subscriber *s, nng_msg *msg)
{
	struct queue *q = &s->queue;

	if (q->count == q->size) {
		q->size = q->size ? q->size * 2 : FIRST_QUEUED;
		q->items = mem_realloc(q->items, q->size * sizeof *q->items);
	}
	q->items[q->count++] = msg;
	s->n_bytes += nng_msg_len(msg);
	if (q->count == 1)
		loop_post(s->cfg.loop, &s->task);
}

static void arm_locked(struct events_subscriber *s)
{
	if (s->is_receiving || s->is_closing || s->queue.count >= MAX_QUEUED ||
	    s->n_bytes >= MAX_QUEUED_BYTES)
		return;
	s->is_receiving = true;
	nng_recv_aio(s->nng, s->receiver);
}

/* On nng's threads. */
static void on_received(void *arg)
{
	struct events_subscriber *s = arg;
	const bool                has_message = nng_aio_result(s->receiver) == 0;

	pthread_mutex_lock(&s->mutex);
	s->is_receiving = false;
	if (has_message) {
		push_locked(s, nng_aio_get_msg(s->receiver));
		arm_locked(s);
	}
	pthread_mutex_unlock(&s->mutex);
}

static void on_queue(struct loop_task *t)
{
	struct events_subscriber *s = container_of(t, struct events_subscriber, task);

	s->cfg.on_message(s->cfg.arg);
}

static void forget_taken(struct events_subscriber *s)
{
	for (unsigned i = 0; i < s->taken.count; i++)
		nng_msg_free(s->taken.items[i]);
	s->taken.count = 0;
	s->next = 0;
}

static void swap(struct events_subscriber *s)
{
	struct queue empty;

	forget_taken(s);
	empty = s->taken;
	pthread_mutex_lock(&s->mutex);
	s->taken = s->queue;
	s->queue = empty;
	s->n_bytes = 0;
	arm_locked(s);
	pthread_mutex_unlock(&s->mutex);
}

bool events_subscriber_take(struct events_subscriber *s, str *out_message)
{
	nng_msg *msg;

	if (s->next == s->taken.count)
		swap(s);
	if (s->next == s->taken.count)
		return false;
	msg = s->taken.items[s->next++];
	*out_message = (str){nng_msg_body(msg), nng_msg_len(msg)};
	return true;
}

/* ---- life ---- */

static unsigned count_urls(str urls)
{
	unsigned n = 0;
	str      url;

	while (str_next(&urls, ',', &url))
		n++;
	return n;
}

static status dial_all(struct events_subscriber *s)
{
	str rest = s->cfg.urls, url;

	s->dials = mem_zalloc_array(count_urls(rest) + 1, sizeof *s->dials);
	while (str_next(&rest, ',', &url)) {
		struct events_dial *d = &s->dials[s->n_dials];
		char                text[EVENTS_MAX_URL];

		TRY(events_url(str_trim(url), s->cfg.is_public, text));
		events_dial_init(d, text, s->cfg.tls);
		TRY(events_dial_start(d, s->nng));
		s->n_dials++;
	}
	return STATUS_OK;
}

void events_subscriber_redial(struct events_subscriber *s)
{
	for (unsigned i = 0; i < s->n_dials; i++)
		if (events_url_is_tls(s->dials[i].url))
			events_dial_again(&s->dials[i]);
}

static status open_socket(struct events_subscriber *s)
{
	if (nng_sub0_open(&s->nng) != 0)
		return status_error(CODE_UNAVAILABLE, "cannot open a socket for events");
	s->is_open = true;
	if (nng_aio_alloc(&s->receiver, on_received, s) != 0 ||
	    nng_socket_set_int(s->nng, NNG_OPT_RECVBUF, EVENTS_SOCKET_BUFFER) != 0 ||
	    nng_socket_set_size(s->nng, NNG_OPT_RECVMAXSZ, EVENTS_MAX_MESSAGE) != 0 ||
	    nng_socket_set(s->nng, NNG_OPT_SUB_SUBSCRIBE, s->cfg.prefix.ptr, s->cfg.prefix.len) !=
	            0)
		return status_error(CODE_UNAVAILABLE, "cannot listen for events");
	return dial_all(s);
}

status events_subscriber_new(const struct events_subscriber_config *cfg,
                             struct events_subscriber             **out_subscriber)
{
	struct events_subscriber *s = mem_zalloc(sizeof *s);
	status                    st;

	s->cfg = *cfg;
	pthread_mutex_init(&s->mutex, NULL);
	loop_task_init(&s->task, on_queue);
	st = open_socket(s);
	if (st.code != CODE_OK) {
		events_subscriber_free(s);
		return st;
	}
	pthread_mutex_lock(&s->mutex);
	arm_locked(s);
	pthread_mutex_unlock(&s->mutex);
	*out_subscriber = s;
	return STATUS_OK;
}

/* The aio stops first: what is armed on a socket that was closed never ends. */
void events_subscriber_free(struct events_subscriber *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->mutex);
	s->is_closing = true;
	pthread_mutex_unlock(&s->mutex);
	if (s->receiver)
		nng_aio_stop(s->receiver);
	if (s->is_open)
		events_socket_close(s->nng.id);
	if (s->receiver)
		nng_aio_free(s->receiver);
	loop_task_cancel(s->cfg.loop, &s->task);
	forget_taken(s);
	swap(s);
	forget_taken(s);
	mem_free(s->queue.items);
	mem_free(s->taken.items);
	mem_free(s->dials);
	pthread_mutex_destroy(&s->mutex);
	mem_free(s);
}
