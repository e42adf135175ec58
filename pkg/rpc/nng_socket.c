/*
 * Design notes. nng completes sends and receives, and tells of connections, on threads of its own.
 * All of that becomes events in one queue, in the order in which it happened, and a task posted to
 * the loop; nothing else of ours runs on nng's threads.
 *
 * One aio receives all the time, and is armed again in its own callback. Two things hold it: a
 * queue past its limit, until the loop takes it (what came meanwhile waits in nng and then in the
 * kernel); and rpc_nng_flush(), which must see everything received before it says that a
 * connection ended. Both arm it under the mutex, so a hold is either seen by the callback or
 * cancels what the callback armed.
 *
 * Senders are aios that go back to a list of idle ones in their callback: the reply to a message
 * may come before the callback of its sending ran. nng_send_aio() is called under the mutex, and so
 * is a link's connection taken away (rpc/nng_link.c): a message goes to the connection it was
 * written for, or nowhere.
 *
 * No nng call made under the mutex runs a callback; callbacks take the mutex, then the loop's lock.
 */
#include "rpc/nng_socket.h"

#include "base/clock.h"
#include "base/mem.h"
#include "rpc/transport.h"

#include <string.h>
#include <time.h>

enum {
	MAX_EVENTS = 4096,
	MAX_EVENT_BYTES = 64 * 1024 * 1024,
	MAX_MESSAGE_BYTES = 2 * RPC_MAX_FRAME,
	RECEIVE_BUFFER = RPC_NNG_WINDOW, /* messages; less, and nng would lose replies at the end */
	SETTLE_MS = 20,
	CLOSE_S = 2,
	FIRST_EVENTS = 16
};

struct sender {
	struct rpc_nng_socket *socket;
	nng_aio               *aio;
	struct list            link, idle_link;
	bool                   is_busy;
};

static void must(int error)
{
	if (error != 0)
		mem_die(nng_strerror(error));
}

void rpc_nng_push_locked(struct rpc_nng_socket *s, struct rpc_nng_event event)
{
	struct rpc_nng_events *e = &s->events;

	if (e->count == e->size) {
		e->size = e->size ? e->size * 2 : FIRST_EVENTS;
		e->items = mem_realloc(e->items, e->size * sizeof *e->items);
	}
	e->items[e->count++] = event;
	if (event.msg)
		s->bytes += nng_msg_len(event.msg);
	if (e->count == 1)
		loop_post(s->loop, s->task);
}

void rpc_nng_push(struct rpc_nng_socket *s, struct rpc_nng_event event)
{
	pthread_mutex_lock(&s->mutex);
	rpc_nng_push_locked(s, event);
	pthread_mutex_unlock(&s->mutex);
}

/* ---- receiving ---- */

static void arm_locked(struct rpc_nng_socket *s)
{
	if (s->is_receiving || s->is_held || s->is_closing || s->events.count >= MAX_EVENTS ||
	    s->bytes >= MAX_EVENT_BYTES)
		return;
	s->is_receiving = true;
	nng_recv_aio(s->nng, s->receiver);
}

static void push_message_locked(struct rpc_nng_socket *s, nng_msg *msg)
{
	const uint32_t pipe = (uint32_t)nng_pipe_id(nng_msg_get_pipe(msg));

	rpc_nng_push_locked(s, (struct rpc_nng_event){RPC_NNG_MESSAGE, pipe, msg});
}

static void on_received(void *arg)
{
	struct rpc_nng_socket *s = arg;
	const bool             is_ours = nng_aio_result(s->receiver) == 0;

	pthread_mutex_lock(&s->mutex);
	s->is_receiving = false;
	if (is_ours) {
		push_message_locked(s, nng_aio_get_msg(s->receiver));
		arm_locked(s);
	}
	pthread_mutex_unlock(&s->mutex);
}

void rpc_nng_receive(struct rpc_nng_socket *s)
{
	pthread_mutex_lock(&s->mutex);
	arm_locked(s);
	pthread_mutex_unlock(&s->mutex);
}

void rpc_nng_take(struct rpc_nng_socket *s)
{
	struct rpc_nng_events empty = s->taken;

	pthread_mutex_lock(&s->mutex);
	s->taken = s->events;
	s->events = empty;
	s->events.count = 0;
	s->bytes = 0;
	arm_locked(s);
	pthread_mutex_unlock(&s->mutex);
}

/* ---- sending ---- */

static void on_sent(void *arg)
{
	struct sender         *sender = arg;
	struct rpc_nng_socket *s = sender->socket;
	const bool             is_sent = nng_aio_result(sender->aio) == 0;

	pthread_mutex_lock(&s->mutex);
	if (!is_sent) {
		rpc_nng_push_locked(
		        s, (struct rpc_nng_event){RPC_NNG_UNSENT, 0, nng_aio_get_msg(sender->aio)});
		nng_aio_set_msg(sender->aio, NULL);
	}
	sender->is_busy = false;
	s->n_sending--;
	list_append(&s->idle_senders, &sender->idle_link);
	pthread_mutex_unlock(&s->mutex);
}

static struct sender *take_sender_locked(struct rpc_nng_socket *s)
{
	struct sender *sender;

	if (list_is_empty(&s->idle_senders)) {
		sender = mem_zalloc(sizeof *sender);
		sender->socket = s;
		must(nng_aio_alloc(&sender->aio, on_sent, sender));
		list_init(&sender->idle_link);
		list_append(&s->senders, &sender->link);
	} else {
		sender = container_of(s->idle_senders.next, struct sender, idle_link);
		list_remove(&sender->idle_link);
	}
	sender->is_busy = true;
	s->n_sending++;
	return sender;
}

static nng_msg *new_message(const uint32_t *header, unsigned n_words, str body)
{
	nng_msg *msg;

	must(nng_msg_alloc(&msg, body.len));
	memcpy(nng_msg_body(msg), body.ptr, body.len);
	for (unsigned i = 0; i < n_words; i++)
		must(nng_msg_header_append_u32(msg, header[i]));
	return msg;
}

bool rpc_nng_send(struct rpc_nng_socket *s, uint32_t pipe, const uint32_t *header, unsigned n_words,
                  str body)
{
	nng_msg       *msg = new_message(header, n_words, body);
	struct sender *sender;
	bool           is_there;

	pthread_mutex_lock(&s->mutex);
	is_there = pipe == 0 || s->pipe == pipe;
	if (is_there) {
		sender = take_sender_locked(s);
		nng_aio_set_msg(sender->aio, msg);
		nng_send_aio(s->nng, sender->aio);
	}
	pthread_mutex_unlock(&s->mutex);
	if (!is_there)
		nng_msg_free(msg);
	return is_there;
}

bool rpc_nng_is_sending(struct rpc_nng_socket *s)
{
	bool is_sending;

	pthread_mutex_lock(&s->mutex);
	is_sending = s->n_sending > 0;
	pthread_mutex_unlock(&s->mutex);
	return is_sending;
}

/* Nothing is sent meanwhile: there is no connection. So the list of senders stands still. */
static void take_back_sends(struct rpc_nng_socket *s)
{
	pthread_mutex_lock(&s->mutex);
	list_for_each (it, &s->senders) {
		const struct sender *sender = container_of(it, struct sender, link);

		if (sender->is_busy)
			nng_aio_cancel(sender->aio);
	}
	pthread_mutex_unlock(&s->mutex);
	list_for_each (it, &s->senders)
		nng_aio_wait(container_of(it, struct sender, link)->aio);
}

void rpc_nng_flush(struct rpc_nng_socket *s)
{
	nng_msg *msg;

	take_back_sends(s);
	pthread_mutex_lock(&s->mutex);
	s->is_held = true;
	pthread_mutex_unlock(&s->mutex);
	nng_aio_cancel(s->receiver);
	nng_aio_wait(s->receiver);
	while (nng_recvmsg(s->nng, &msg, NNG_FLAG_NONBLOCK) == 0) {
		pthread_mutex_lock(&s->mutex);
		push_message_locked(s, msg);
		pthread_mutex_unlock(&s->mutex);
	}
	pthread_mutex_lock(&s->mutex);
	s->is_held = false;
	arm_locked(s);
	pthread_mutex_unlock(&s->mutex);
}

/* ---- life ---- */

void rpc_nng_open(struct rpc_nng_socket *s, struct loop *l, struct loop_task *task,
                  int (*open)(nng_socket *))
{
	*s = (struct rpc_nng_socket){.loop = l, .task = task};
	pthread_mutex_init(&s->mutex, NULL);
	list_init(&s->senders);
	list_init(&s->idle_senders);
	must(open(&s->nng));
	must(nng_socket_set_size(s->nng, NNG_OPT_RECVMAXSZ, MAX_MESSAGE_BYTES));
	must(nng_socket_set_int(s->nng, NNG_OPT_RECVBUF, RECEIVE_BUFFER));
	must(nng_socket_set_int(s->nng, NNG_OPT_SENDBUF, 0));
	must(nng_aio_alloc(&s->receiver, on_received, s));
}

static void free_events(struct rpc_nng_events *e)
{
	for (uint32_t i = 0; i < e->count; i++)
		nng_msg_free(e->items[i].msg);
	mem_free(e->items);
}

static void *close_socket(void *arg)
{
	nng_close((nng_socket){(uint32_t)(uintptr_t)arg});
	return NULL;
}

/*
 * nng 1.5 does not end the reading of a message that it began, when its connection is closed
 * between head and body: nng_close() then waits for ever. So what is on its way settles first:
 * nobody receives any more, the small buffer fills, and nng stops reading or has nothing to read.
 * If it happens all the same, the socket is left to itself rather than the loop to hang.
 */
static void close_in_time(nng_socket nng)
{
	static const struct timespec settling = {.tv_nsec = SETTLE_MS * CLOCK_NS_PER_MS};
	struct timespec              end;
	pthread_t                    thread;

	nanosleep(&settling, NULL);
	for (int ev = NNG_PIPE_EV_ADD_PRE; ev <= NNG_PIPE_EV_REM_POST; ev++)
		nng_pipe_notify(nng, (nng_pipe_ev)ev, NULL, NULL);
	if (pthread_create(&thread, NULL, close_socket, (void *)(uintptr_t)nng.id) != 0)
		return;
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += CLOSE_S;
	if (pthread_timedjoin_np(thread, NULL, &end) != 0)
		pthread_detach(thread);
}

/* The aios stop first: what is armed on a socket that was closed never ends. */
void rpc_nng_close(struct rpc_nng_socket *s)
{
	pthread_mutex_lock(&s->mutex);
	s->is_closing = true;
	pthread_mutex_unlock(&s->mutex);
	nng_aio_stop(s->receiver);
	list_for_each (it, &s->senders)
		nng_aio_stop(container_of(it, struct sender, link)->aio);
	close_in_time(s->nng);
	nng_aio_free(s->receiver);
	list_for_each_safe (it, &s->senders) {
		struct sender *sender = container_of(it, struct sender, link);

		nng_aio_free(sender->aio);
		mem_free(sender);
	}
	loop_task_cancel(s->loop, s->task);
	free_events(&s->events);
	mem_free(s->taken.items);
	pthread_mutex_destroy(&s->mutex);
}

str rpc_nng_body(nng_msg *msg)
{
	return (str){nng_msg_body(msg), nng_msg_len(msg)};
}

void rpc_nng_hang_up(uint32_t pipe)
{
	nng_pipe_close((nng_pipe){pipe});
}

bool rpc_nng_is_network(const char *url)
{
	return strncmp(url, "tcp:", 4) == 0 || rpc_nng_is_tls(url);
}

bool rpc_nng_is_tls(const char *url)
{
	return strncmp(url, "tls+", 4) == 0;
}

status rpc_nng_status(int error)
{
	switch (error) {
	case 0:
		return STATUS_OK;
	case NNG_EADDRINUSE:
		return status_error(CODE_ALREADY_EXISTS, "somebody listens there");
	case NNG_EADDRINVAL:
	case NNG_EINVAL:
	case NNG_ENOTSUP:
		return status_error(CODE_INVALID_ARGUMENT, "not an address of a known transport");
	case NNG_EPERM:
		return status_error(CODE_PERMISSION_DENIED, "may not listen there");
	default:
		return status_error(CODE_UNAVAILABLE, "cannot open this address");
	}
}
