/*
 * Design notes. An exchange and its h2o request may end in either order. A small anchor in the
 * request's pool knows both: h2o disposes of it when the request dies, the exchange clears it when
 * it has answered. The anchor also ends slow readers: it holds the timer of the response.
 */
#include "edge/exchange.h"

#include "base/clock.h"
#include "base/mem.h"
#include "edge/anchor.h"
#include "edge/internal.h"
#include "edge/respond.h"
#include "fiber/fiber.h"

#include <string.h>
#include <sys/socket.h>

enum { ARENA_BYTES = 16 * 1024 * 1024, MAX_KEPT = 256, GONE_AFTER_MS = 250 };

static str iovec(h2o_iovec_t v)
{
	return (str){v.base, v.len};
}

str edge_exchange_header(const struct edge_exchange *ex, const char *name)
{
	ssize_t at =
	        ex->req ? h2o_find_header_by_str(&ex->req->headers, name, strlen(name), -1) : -1;

	return at < 0 ? (str){0} : iovec(ex->req->headers.entries[at].value);
}

str edge_exchange_header_list(struct edge_exchange *ex, const char *name)
{
	const h2o_headers_t *headers = &ex->req->headers;
	size_t               n = strlen(name), len = 0;
	char                *list;

	for (ssize_t at = -1; (at = h2o_find_header_by_str(headers, name, n, at)) >= 0;)
		len += headers->entries[at].value.len + 1;
	list = arena_alloc(&ex->call.arena, len + 1);
	len = 0;
	for (ssize_t at = -1; (at = h2o_find_header_by_str(headers, name, n, at)) >= 0;) {
		str value = {headers->entries[at].value.base, headers->entries[at].value.len};

		if (len > 0)
			list[len++] = ',';
		memcpy(list + len, value.ptr, value.len);
		len += value.len;
	}
	return (str){list, len};
}

static struct edge_exchange *take(struct edge *e, int64_t deadline_ns)
{
	struct edge_exchange *ex;
	struct arena          arena;

	if (list_is_empty(&e->kept)) {
		ex = mem_zalloc(sizeof *ex);
		arena_init(&arena, ARENA_BYTES);
	} else {
		ex = container_of(e->kept.next, struct edge_exchange, link);
		list_remove(&ex->link);
		arena = ex->call.arena;
	}
	memset(ex, 0, sizeof *ex);
	rpc_call_init(&ex->call, deadline_ns);
	ex->call.arena = arena;
	ex->edge = e;
	ex->route = e->unrouted;
	ex->started_ns = clock_now_ns();
	list_append(&e->exchanges, &ex->link);
	e->n_exchanges++;
	metrics_gauge_add(e->in_flight, 1);
	return ex;
}

static void give_back(struct edge_exchange *ex)
{
	struct edge *e = ex->edge;

	if (ex->anchor)
		ex->anchor->exchange = NULL;
	list_remove(&ex->link);
	arena_reset(&ex->call.arena);
	metrics_gauge_add(e->in_flight, -1);
	/* Memory that a burst took is not kept for ever. */
	if (e->n_exchanges-- > MAX_KEPT) {
		arena_fini(&ex->call.arena);
		mem_free(ex);
	} else {
		list_append(&e->kept, &ex->link);
	}
}

void edge_exchange_free_kept(struct edge *e)
{
	list_for_each_safe (it, &e->kept) {
		struct edge_exchange *ex = container_of(it, struct edge_exchange, link);

		list_remove(it);
		arena_fini(&ex->call.arena);
		mem_free(ex);
	}
}

static void run(void *arg)
{
	struct edge_exchange *ex = arg;

	ex->fiber = fiber_current();
	edge_handle(ex);
	ex->fiber = NULL;
	give_back(ex);
}

/* Splits what h2o gives: routing works on the raw path. */
static void read_request(struct edge_exchange *ex, h2o_req_t *req)
{
	str path = iovec(req->path);

	ex->req = req;
	ex->method = arena_dup(&ex->call.arena, iovec(req->method));
	ex->path = path;
	if (req->query_at != SIZE_MAX) {
		ex->path.len = req->query_at;
		ex->query = str_from(path, req->query_at + 1);
	}
	ex->body = iovec(req->entity);
	ex->log_path = arena_dup(&ex->call.arena, ex->path);
}

void edge_exchange_start(struct edge *e, h2o_req_t *req)
{
	int64_t               deadline = clock_after_ms(e->cfg->request_timeout_ms);
	struct edge_exchange *ex = take(e, deadline);
	status                st;

	read_request(ex, req);
	edge_read_head(ex);
	ex->anchor = edge_anchor_new(ex);
	if (e->n_exchanges > e->cfg->max_requests)
		st = status_error(CODE_UNAVAILABLE, "too busy");
	else
		st = fiber_spawn(e->fibers, run, ex, deadline, NULL);
	if (st.code != CODE_OK) {
		edge_respond_error(ex, status_error(CODE_UNAVAILABLE, "too busy"), 0);
		give_back(ex);
	}
}

/* A closed HTTP/1 connection reads as its end; bytes of a next request mean that it lives. */
static bool has_hung_up(const struct edge_exchange *ex)
{
	h2o_socket_t *sock;
	char          byte;

	if (ex->req == NULL || ex->req->version >= 0x200)
		return false;
	sock = ex->req->conn->callbacks->get_socket(ex->req->conn);
	return recv(h2o_socket_get_fd(sock), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void edge_exchange_find_gone(struct edge *e)
{
	int64_t now = clock_now_ns();

	list_for_each_safe (it, &e->exchanges) {
		struct edge_exchange *ex = container_of(it, struct edge_exchange, link);

		if (now - ex->started_ns < GONE_AFTER_MS * CLOCK_NS_PER_MS)
			break; /* in the order of their start */
		if (ex->fiber && has_hung_up(ex)) {
			ex->has_left = true;
			fiber_cancel(ex->fiber);
		}
	}
}
