/*
 * Design notes. Two buffers: one that h2o sends from, until it asks for more (proceed), and one
 * that fills meanwhile. The response ends in one place only, when h2o disposes of the request:
 * after its last bytes, or because the connection broke. So whoever ends a stream asks for either
 * and waits.
 *
 * Nothing is read while a response of HTTP/1 goes on: that its client hung up is seen by looking at
 * the socket, and told to h2o by a write that fails.
 */
#include "edge/sse.h"

#include "base/clock.h"
#include "edge/anchor.h"
#include "edge/internal.h"
#include "edge/respond.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

enum {
	KEPT_BYTES = 16 * 1024, /* of an empty buffer */
	MAX_EVENT_BYTES = 8 * 1024 * 1024,
	UNSENT_BYTES = 64 * 1024, /* in the kernel, beyond what is on its way */
	POLLED_AT_ONCE = 256
};

static int fd_of(const struct edge_sse *s)
{
	h2o_conn_t *conn = s->anchor->conn;

	return h2o_socket_get_fd(conn->callbacks->get_socket(conn));
}

static void schedule(struct edge_sse *s)
{
	const struct edge_config *cfg = s->edge->cfg;
	int64_t at_ns = s->written_ns + cfg->events_heartbeat_ms * CLOCK_NS_PER_MS;
	int64_t stalled_ns = s->progress_ns + cfg->send_timeout_ms * CLOCK_NS_PER_MS;

	if (s->is_sending && (stalled_ns < at_ns || s->is_final))
		at_ns = stalled_ns;
	loop_timer_set(s->edge->loop, &s->timer, at_ns);
}

static void on_timer(struct loop_timer *t)
{
	struct edge_sse *s = container_of(t, struct edge_sse, timer);
	const int64_t    now = clock_now_ns();

	if (s->is_sending &&
	    now - s->progress_ns >= s->edge->cfg->send_timeout_ms * CLOCK_NS_PER_MS) {
		edge_sse_cut(s);
		return;
	}
	if (!s->is_sending && edge_sse_is_open(s)) {
		s->ops->on_heartbeat(s);
		if (s->waiting.len == 0)
			(void)edge_sse_put_lines(s, STR(":\n\n"));
		edge_sse_flush(s);
	}
	s->written_ns = now;
	schedule(s);
}

/* h2o is done with the request. */
static void on_gone(void *arg)
{
	struct edge_sse *s = arg;

	s->req = NULL;
	s->anchor = NULL;
	loop_timer_cancel(s->edge->loop, &s->timer);
	list_remove(&s->link);
	buf_fini(&s->waiting);
	buf_fini(&s->sending);
	s->ops->on_end(s);
}

static void on_proceed(h2o_generator_t *g, h2o_req_t *req __attribute__((unused)))
{
	struct edge_sse *s = container_of(g, struct edge_sse, generator);

	s->is_sending = false;
	s->progress_ns = clock_now_ns();
	if (s->sending.size > KEPT_BYTES) {
		const size_t ceiling = s->sending.ceiling;

		buf_fini(&s->sending);
		buf_init(&s->sending, ceiling);
	}
	edge_sse_flush(s);
	if (s->ops->on_sent)
		s->ops->on_sent(s);
}

static void on_stop(h2o_generator_t *g __attribute__((unused)),
                    h2o_req_t       *req __attribute__((unused)))
{
}

void edge_sse_start(struct edge_sse *s, struct edge_exchange *ex, const struct edge_sse_ops *ops)
{
	struct edge *e = ex->edge;
	const size_t ceiling = e->cfg->events_queue_bytes + MAX_EVENT_BYTES;
	int          unsent = UNSENT_BYTES;

	*s = (struct edge_sse){.generator = {on_proceed, on_stop}, .edge = e, .ops = ops};
	s->written_ns = s->progress_ns = clock_now_ns();
	buf_init(&s->waiting, ceiling);
	buf_init(&s->sending, ceiling);
	loop_timer_init(&s->timer, on_timer);
	list_append(&e->responses, &s->link);
	s->anchor = ex->anchor;
	edge_anchor_hand_over(s->anchor, on_gone, s);
	/* What the kernel takes is not seen to wait. */
	(void)setsockopt(fd_of(s), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
	s->req = edge_respond_begin(ex, "text/event-stream", &s->generator);
	schedule(s);
}

bool edge_sse_is_open(const struct edge_sse *s)
{
	return s->req && !s->is_closing;
}

/* There is room for so much more; what comes alone may be of any size. */
static bool has_room(struct edge_sse *s, size_t n)
{
	if (s->waiting.len == 0 || s->waiting.len + n <= s->edge->cfg->events_queue_bytes)
		return true;
	metrics_counter_add(s->edge->slow_readers, 1);
	edge_sse_cut(s);
	return false;
}

static bool is_put(struct edge_sse *s)
{
	s->written_ns = clock_now_ns();
	if (buf_status(&s->waiting).code == CODE_OK)
		return true;
	edge_sse_cut(s);
	return false;
}

static void put_field(struct buf *out, str name, str value)
{
	if (value.len == 0)
		return;
	buf_put(out, name);
	buf_put(out, value);
	buf_put_c(out, '\n');
}

bool edge_sse_put(struct edge_sse *s, str event, str data, str id)
{
	if (!edge_sse_is_open(s) || !has_room(s, event.len + data.len + id.len))
		return false;
	put_field(&s->waiting, STR("event: "), event);
	put_field(&s->waiting, STR("data: "), data);
	put_field(&s->waiting, STR("id: "), id);
	buf_put_c(&s->waiting, '\n');
	return is_put(s);
}

bool edge_sse_put_lines(struct edge_sse *s, str lines)
{
	if (!edge_sse_is_open(s) || !has_room(s, lines.len))
		return false;
	buf_put(&s->waiting, lines);
	return is_put(s);
}

void edge_sse_flush(struct edge_sse *s)
{
	h2o_iovec_t bytes;
	struct buf  empty;

	if (s->req == NULL || s->is_sending || (s->waiting.len == 0 && !s->is_closing))
		return;
	empty = s->sending;
	buf_reset(&empty);
	s->sending = s->waiting;
	s->waiting = empty;
	s->is_sending = true;
	s->is_final = s->is_closing;
	s->progress_ns = clock_now_ns();
	schedule(s);
	bytes = h2o_iovec_init(s->sending.ptr, s->sending.len);
	h2o_send(s->req, &bytes, bytes.len > 0 ? 1 : 0,
	         s->is_final ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

size_t edge_sse_waiting(const struct edge_sse *s)
{
	return s->waiting.len;
}

void edge_sse_close(struct edge_sse *s)
{
	if (!edge_sse_is_open(s))
		return;
	s->is_closing = true;
	edge_sse_flush(s);
}

void edge_sse_cut(struct edge_sse *s)
{
	if (s->req == NULL)
		return;
	s->is_closing = true;
	shutdown(fd_of(s), SHUT_RDWR);
	/* h2o learns of it by writing. */
	edge_sse_flush(s);
}

/* Of those from `it` on, up to as many as are looked at together; returns the first of the rest. */
static struct list *look_at_some(struct edge *e, struct list *it)
{
	struct edge_sse *looked_at[POLLED_AT_ONCE];
	struct pollfd    fds[POLLED_AT_ONCE];
	nfds_t           n = 0;

	for (; it != &e->responses && n < POLLED_AT_ONCE; it = it->next) {
		struct edge_sse *s = container_of(it, struct edge_sse, link);

		if (s->req->version >= 0x200)
			continue;
		looked_at[n] = s;
		fds[n++] = (struct pollfd){.fd = fd_of(s), .events = POLLRDHUP};
	}
	if (n > 0 && poll(fds, n, 0) > 0)
		for (nfds_t i = 0; i < n; i++)
			if (fds[i].revents)
				edge_sse_cut(looked_at[i]);
	return it;
}

void edge_sse_find_gone(struct edge *e)
{
	for (struct list *it = e->responses.next; it != &e->responses;)
		it = look_at_some(e, it);
}
