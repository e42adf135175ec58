/*
 * Design notes. wslay reads, and makes the answers that it knows by itself: they are taken from it
 * after each feed, so that its own queue never holds more than one feed's. It writes nothing else:
 * what the product sends is shared by many sockets, and wslay would copy it for each.
 */
#include "edge/ws_reader.h"

#include "base/mem.h"
#include "edge/ws_frame.h"

#include <assert.h>
#include <string.h>

/* A pong is as long as its ping but for the mask, and the last ping may have begun before. */
enum { MAX_REPLY = EDGE_WS_MAX_FEED + 1024 };

static ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *out, size_t room,
                       int flags __attribute__((unused)), void *arg)
{
	struct edge_ws_reader *r = arg;
	size_t                 n = r->input.len < room ? r->input.len : room;

	if (n == 0) {
		wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	memcpy(out, r->input.ptr, n);
	r->input = str_from(r->input, n);
	return (ssize_t)n;
}

static ssize_t on_send(wslay_event_context_ptr ctx __attribute__((unused)), const uint8_t *bytes,
                       size_t n, int flags __attribute__((unused)), void *arg)
{
	struct edge_ws_reader *r = arg;

	buf_put_bytes(&r->reply, bytes, n);
	return (ssize_t)n;
}

static void blame(struct edge_ws_reader *r, uint16_t code, const char *reason)
{
	r->fault = code;
	r->reason = reason;
	wslay_event_shutdown_read(r->ctx);
}

/*
 * What wslay lets pass. It bounds the bytes of a message, not its pieces, each of which costs
 * memory; and it takes a close with half a code for one without (RFC 6455 5.5.1).
 */
static void on_frame(wslay_event_context_ptr                           ctx __attribute__((unused)),
                     const struct wslay_event_on_frame_recv_start_arg *frame, void *arg)
{
	struct edge_ws_reader *r = arg;

	if (frame->opcode == WSLAY_CONNECTION_CLOSE && frame->payload_length == 1)
		blame(r, EDGE_WS_PROTOCOL_ERROR, "half a code");
	if (wslay_is_ctrl_frame(frame->opcode))
		return;
	r->n_fragments = frame->opcode == WSLAY_CONTINUATION_FRAME ? r->n_fragments + 1 : 1;
	if (r->n_fragments > EDGE_WS_MAX_FRAGMENTS)
		blame(r, EDGE_WS_POLICY, "too many fragments");
}

static void on_message(wslay_event_context_ptr                   ctx __attribute__((unused)),
                       const struct wslay_event_on_msg_recv_arg *m, void *arg)
{
	struct edge_ws_reader *r = arg;
	str                    message = {(const char *)m->msg, m->msg_length};

	if (!wslay_is_ctrl_frame(m->opcode) && !r->fault)
		r->ops->on_message(r->arg, message, m->opcode == WSLAY_TEXT_FRAME);
}

void edge_ws_reader_init(struct edge_ws_reader *r, const struct edge_ws_reader_ops *ops, void *arg)
{
	static const struct wslay_event_callbacks callbacks = {.recv_callback = on_recv,
	                                                       .send_callback = on_send,
	                                                       .on_frame_recv_start_callback =
	                                                               on_frame,
	                                                       .on_msg_recv_callback = on_message};

	*r = (struct edge_ws_reader){.ops = ops, .arg = arg};
	if (wslay_event_context_server_init(&r->ctx, &callbacks, r) != 0)
		mem_die("wslay has no memory");
	wslay_event_config_set_max_recv_msg_length(r->ctx, EDGE_WS_MAX_MESSAGE);
}

void edge_ws_reader_fini(struct edge_ws_reader *r)
{
	wslay_event_context_free(r->ctx);
	*r = (struct edge_ws_reader){0};
}

static void close_with(struct edge_ws_reader *r, uint16_t code, str reason)
{
	struct edge_ws_frame *f = edge_ws_frame_close(code, reason);

	r->is_over = true;
	r->ops->on_reply(r->arg, (str){f->bytes, f->len}, true);
	edge_ws_frame_unref(f);
}

/* The answers that wslay has ready. */
static void reply(struct edge_ws_reader *r)
{
	if (!wslay_event_want_write(r->ctx))
		return;
	buf_init(&r->reply, MAX_REPLY);
	(void)wslay_event_send(r->ctx);
	r->is_over = wslay_event_get_close_sent(r->ctx);
	r->ops->on_reply(r->arg, buf_str(&r->reply), r->is_over);
	buf_fini(&r->reply);
}

void edge_ws_reader_feed(struct edge_ws_reader *r, str input)
{
	assert(input.len <= EDGE_WS_MAX_FEED);
	if (r->is_over)
		return;
	r->input = input;
	/* A frame that is none at all: wslay would close without a code. */
	if (wslay_event_recv(r->ctx) != 0)
		close_with(r, EDGE_WS_PROTOCOL_ERROR, STR("no frame of RFC 6455"));
	else if (r->fault)
		close_with(r, r->fault, str_c(r->reason));
	else
		reply(r);
	r->input = (str){0};
}

bool edge_ws_reader_has_close(const struct edge_ws_reader *r)
{
	return r->ctx && !r->fault && wslay_event_get_close_received(r->ctx);
}

bool edge_ws_reader_is_over(const struct edge_ws_reader *r)
{
	return r->is_over;
}
