/*
 * Design notes. Pages are read by whichever fiber works for clients, and none of them waits for a
 * client: what was read is sent piece by piece as room comes, and only then the next page is asked
 * for. When a page cannot be read the socket is closed. Going on without it would give the client
 * later messages, after which it could not ask for the earlier ones.
 */
#include "edge/chat_resume.h"

#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/messages/v1/messages.rpc.h"
#include "edge/chat_frames.h"
#include "edge/chat_socket.h"

#include <string.h>

enum {
	PAGE = 100,
	MAX_PAGE_BYTES = 4 * 1024 * 1024, /* a page is far from it */
	MAX_HELD_BYTES = 192 * 1024,
	PATIENCE_MS = 200,
	FILL_TO_BYTES = 64 * 1024 /* of the socket's queue: the rest is for what else is said */
};

static void on_patience(struct loop_timer *t)
{
	edge_chat_resume_await_no_more(container_of(t, struct edge_chat_socket, resume.patience));
}

void edge_chat_resume_init(struct edge_chat_socket *s)
{
	s->resume.page.max_bytes = MAX_PAGE_BYTES;
	s->resume.held.max_bytes = MAX_HELD_BYTES;
	loop_timer_init(&s->resume.patience, on_patience);
}

static void forget(struct edge_chat_resume *r)
{
	edge_ws_queue_fini(&r->page);
	edge_ws_queue_fini(&r->held);
	mem_free(r->client_id);
	r->client_id = NULL;
}

void edge_chat_resume_fini(struct edge_chat_socket *s)
{
	loop_timer_cancel(s->edge->loop, &s->resume.patience);
	forget(&s->resume);
}

void edge_chat_resume_await(struct edge_chat_socket *s)
{
	loop_timer_set(s->edge->loop, &s->resume.patience, clock_after_ms(PATIENCE_MS));
}

status edge_chat_resume_begin(struct edge_chat_socket *s, int64_t after_message_id,
                              const char *client_id)
{
	struct edge_chat_resume *r = &s->resume;

	if (s->socket.state != EDGE_SOCKET_OPEN)
		return status_error(CODE_CANCELLED, "the client has left");
	if (r->state != EDGE_CHAT_RESUME_AWAITED && r->state != EDGE_CHAT_RESUME_NONE)
		return status_error(CODE_FAILED_PRECONDITION,
		                    "this socket was resumed already: connect again");
	r->state = EDGE_CHAT_RESUME_READING;
	r->read_to = after_message_id;
	if (client_id)
		r->client_id = mem_strndup(client_id, strlen(client_id));
	return STATUS_OK;
}

/* ---- reading ---- */

bool edge_chat_resume_wants_page(const struct edge_chat_socket *s)
{
	return s->resume.state == EDGE_CHAT_RESUME_READING;
}

static void take_message(struct edge_chat_resume *r, const messages_conversation_message *m)
{
	struct edge_ws_frame *f =
	        edge_chat_frames_message(m->conv_id, m->id, m->sender_id, m->msg, m->time);

	/* The page's bound is beyond what a page holds. */
	edge_ws_queue_force(&r->page, f);
	edge_ws_frame_unref(f);
	r->read_to = m->id;
	r->count++;
}

/* True: there is no more. */
static bool take_page(struct edge_chat_resume                      *r,
                      const messages_list_missed_messages_response *page)
{
	for (size_t i = 0; i < page->n_messages; i++) {
		const messages_conversation_message *m = page->messages[i]->message;

		if (r->first_live && m->id >= r->first_live)
			return true;
		take_message(r, m);
	}
	return page->n_messages == 0;
}

static status read_page(struct edge_chat_socket *s, struct rpc_call *call)
{
	struct edge_chat_resume                *r = &s->resume;
	messages_list_missed_messages_request   req;
	messages_list_missed_messages_response *page;

	TRY(edge_identify(s->edge, s->who, s->expire_time, call));
	messages_list_missed_messages_request_init(&req);
	req.after_message_id = r->read_to;
	req.limit = PAGE;
	TRY(messages_client_list_missed_messages(edge_client(s->edge, "messages"), call, &req,
	                                         &page));
	if (s->socket.state == EDGE_SOCKET_OPEN)
		r->state = take_page(r, page) ? EDGE_CHAT_RESUME_JOINING : EDGE_CHAT_RESUME_SENDING;
	return STATUS_OK;
}

void edge_chat_resume_read_page(struct edge_chat_socket *s)
{
	struct rpc_call call;
	status          st;

	rpc_call_init(&call, clock_after_ms(s->edge->cfg->request_timeout_ms));
	call.request_id = edge_request_id_new(&s->edge->request_ids, &call.arena);
	st = read_page(s, &call);
	rpc_call_fini(&call);
	if (st.code == CODE_OK)
		edge_chat_resume_go_on(s);
	else
		edge_socket_close(
		        &s->socket, EDGE_WS_RESTART,
		        STR("what was missed cannot be read now: connect and resume again"));
}

/* ---- sending ---- */

/* Until the queue is full; true when nothing is left. */
static bool send_some(struct edge_chat_socket *s, struct edge_ws_queue *from)
{
	while (from->n > 0 && s->socket.queue.bytes < FILL_TO_BYTES) {
		(void)edge_ws_queue_begin(from, 1);
		edge_socket_send(&s->socket, edge_ws_queue_at(from, 0));
		edge_ws_queue_end(from);
	}
	return from->n == 0;
}

static void finish(struct edge_chat_socket *s)
{
	struct edge_chat_resume *r = &s->resume;

	r->state = EDGE_CHAT_RESUME_DONE;
	if (r->client_id)
		edge_chat_frames_send_ack(s, r->client_id, 0, &r->count);
	forget(r);
}

void edge_chat_resume_go_on(struct edge_chat_socket *s)
{
	struct edge_chat_resume *r = &s->resume;

	if (s->socket.state != EDGE_SOCKET_OPEN ||
	    (r->state != EDGE_CHAT_RESUME_SENDING && r->state != EDGE_CHAT_RESUME_JOINING) ||
	    !send_some(s, &r->page))
		return;
	if (r->state == EDGE_CHAT_RESUME_SENDING) {
		r->state = EDGE_CHAT_RESUME_READING;
		edge_chat_inbox_wake(s);
	} else if (send_some(s, &r->held)) {
		finish(s);
	}
}

void edge_chat_resume_await_no_more(struct edge_chat_socket *s)
{
	struct edge_chat_resume *r = &s->resume;

	if (r->state != EDGE_CHAT_RESUME_AWAITED)
		return;
	r->state = EDGE_CHAT_RESUME_NONE;
	/* No more than a queue may hold. */
	while (r->held.n > 0) {
		(void)edge_ws_queue_begin(&r->held, 1);
		edge_socket_send(&s->socket, edge_ws_queue_at(&r->held, 0));
		edge_ws_queue_end(&r->held);
	}
}

static bool is_holding_back(const struct edge_chat_resume *r)
{
	return r->state != EDGE_CHAT_RESUME_NONE && r->state != EDGE_CHAT_RESUME_DONE;
}

void edge_chat_resume_tell(struct edge_chat_socket *s, struct edge_ws_frame *f, int64_t message_id)
{
	struct edge_chat_resume *r = &s->resume;

	if (message_id && r->count > 0 && message_id <= r->read_to)
		return;
	if (message_id && r->first_live == 0)
		r->first_live = message_id;
	if (is_holding_back(r) && edge_ws_queue_add(&r->held, f))
		return;
	/* Who is flooded before having said a word is no slow reader. */
	edge_chat_resume_await_no_more(s);
	if (is_holding_back(r))
		edge_socket_give_up(&s->socket);
	else
		edge_socket_send(&s->socket, f);
}
