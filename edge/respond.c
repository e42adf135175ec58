#include "edge/respond.h"

#include "base/clock.h"
#include "edge/anchor.h"
#include "edge/internal.h"
#include "log/log.h"
#include "pbjson/pbjson.h"

#include <h2o/http1.h>
#include <string.h>

enum { MAX_ERROR_BYTES = 64 * 1024, RETRY_AFTER_S = 1, FIRST_STATUS = 100 };

/* For logs and metrics only: nobody hears it. nginx uses the same number. */
enum { CLIENT_LEFT = 499 };

int edge_respond_http_status(enum code code)
{
	switch (code) {
	case CODE_OK:
		return 200;
	case CODE_INVALID_ARGUMENT:
	case CODE_OUT_OF_RANGE:
		return 422;
	case CODE_UNAUTHENTICATED:
		return 401;
	case CODE_PERMISSION_DENIED:
		return 403;
	case CODE_NOT_FOUND:
		return 404;
	case CODE_ALREADY_EXISTS:
	case CODE_FAILED_PRECONDITION:
	case CODE_ABORTED:
		return 409;
	case CODE_RESOURCE_EXHAUSTED:
		return 429;
	case CODE_UNAVAILABLE:
		return 503;
	case CODE_DEADLINE_EXCEEDED:
		return 504;
	case CODE_UNIMPLEMENTED:
		return 501;
	case CODE_CANCELLED:
	case CODE_UNKNOWN:
	case CODE_INTERNAL:
	case CODE_DATA_LOSS:
		break;
	}
	return 500;
}

void edge_respond_header(struct edge_exchange *ex, const char *name, str value)
{
	size_t len = strlen(name);
	str    kept;

	if (ex->req == NULL)
		return;
	/* h2o keeps the pointers until it has sent: they must be the request's. */
	kept = (str){h2o_strdup(&ex->req->pool, value.ptr ? value.ptr : "", value.len).base,
	             value.len};
	h2o_add_header_by_str(&ex->req->pool, &ex->req->res.headers, name, len, 1, NULL, kept.ptr,
	                      kept.len);
}

static void add_cors(struct edge_exchange *ex)
{
	/* A cache must not give one origin's answer to another, nor one without an origin's. */
	if (ex->edge->cfg->cors_allow_origins[0])
		edge_respond_header(ex, "vary", STR("origin"));
	if (ex->origin.len == 0)
		return;
	edge_respond_header(ex, "access-control-allow-origin", ex->origin);
	edge_respond_header(ex, "access-control-expose-headers",
	                    STR("x-request-id, retry-after, ratelimit-limit, ratelimit-remaining, "
	                        "ratelimit-reset"));
}

static struct metrics_counter *counter_of(struct edge_route *route, int http_status)
{
	struct metrics_counter **c = &route->counters[http_status - FIRST_STATUS];
	char text[4] = {(char)('0' + http_status / 100), (char)('0' + http_status / 10 % 10),
	                (char)('0' + http_status % 10), '\0'};

	if (*c == NULL)
		*c = metrics_counter_get("edge_requests_total", "HTTP requests answered.",
		                         METRICS_LABELS("route", route->name, "status", text));
	return *c;
}

static void account(struct edge_exchange *ex, int http_status)
{
	struct edge_route *route = (struct edge_route *)ex->route; /* only its counters change */
	int64_t            took_ns = clock_now_ns() - ex->started_ns;

	metrics_counter_add(counter_of(route, http_status), 1);
	metrics_histogram_observe_ns(route->duration, took_ns);
	log_info("request", LOG_STR("method", ex->method), LOG_STR("path", ex->log_path),
	         LOG_I64("status", http_status), LOG_US("took", took_ns / CLOCK_NS_PER_US),
	         LOG_STR("request_id", ex->call.request_id),
	         LOG_STR("traceparent", ex->call.traceparent),
	         LOG_I64("account_id", ex->call.who.account_id));
}

/* RFC 9110 15; the phrase of what is not listed may be empty (RFC 9112 4). */
static const char *reason_of(int http_status)
{
	static const struct {
		int         http_status;
		const char *reason;
	} reasons[] = {
	        {101, "Switching Protocols"},
	        {200, "OK"},
	        {201, "Created"},
	        {204, "No Content"},
	        {304, "Not Modified"},
	        {400, "Bad Request"},
	        {401, "Unauthorized"},
	        {403, "Forbidden"},
	        {404, "Not Found"},
	        {405, "Method Not Allowed"},
	        {409, "Conflict"},
	        {413, "Content Too Large"},
	        {415, "Unsupported Media Type"},
	        {422, "Unprocessable Content"},
	        {426, "Upgrade Required"},
	        {429, "Too Many Requests"},
	        {500, "Internal Server Error"},
	        {501, "Not Implemented"},
	        {503, "Service Unavailable"},
	        {504, "Gateway Timeout"},
	};

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].http_status == http_status)
			return reasons[i].reason;
	return "";
}

static void add_common_headers(struct edge_exchange *ex, str cache_control)
{
	edge_respond_header(ex, "x-request-id", ex->call.request_id);
	edge_respond_header(ex, "x-content-type-options", STR("nosniff"));
	edge_respond_header(ex, "cache-control", cache_control);
	add_cors(ex);
}

h2o_req_t *edge_respond_begin(struct edge_exchange *ex, const char *content_type,
                              h2o_generator_t *generator)
{
	h2o_req_t *req = ex->req;

	account(ex, 200);
	add_common_headers(ex, STR("no-store"));
	edge_respond_header(ex, "content-type", str_c(content_type));
	/* nginx, among others, would gather what it passes on. */
	edge_respond_header(ex, "x-accel-buffering", STR("no"));
	req->res.status = 200;
	req->res.reason = reason_of(200);
	req->compress_hint = H2O_COMPRESS_HINT_DISABLE;
	/* Its end is the connection's. */
	req->http1_is_persistent = 0;
	ex->req = NULL;
	h2o_start_response(req, generator);
	return req;
}

static void respond(struct edge_exchange *ex, int http_status, const char *content_type, str body,
                    str cache_control)
{
	h2o_req_t *req = ex->req;

	account(ex, req == NULL || ex->has_left ? CLIENT_LEFT : http_status);
	if (req == NULL)
		return;
	add_common_headers(ex, cache_control);
	if (http_status != 204 && http_status != 304) {
		edge_respond_header(ex, "content-type", str_c(content_type));
		req->res.content_length = body.len;
	}
	req->res.status = http_status;
	req->res.reason = reason_of(http_status);
	edge_anchor_answer(ex->anchor, ex->edge->cfg->send_timeout_ms);
	ex->req = NULL;
	h2o_send_inline(req, body.len ? body.ptr : "", body.len);
}

void edge_respond(struct edge_exchange *ex, int http_status, const char *content_type, str body)
{
	respond(ex, http_status, content_type, body, STR("no-store"));
}

void edge_respond_kept(struct edge_exchange *ex, int http_status, const char *content_type,
                       str body)
{
	respond(ex, http_status, content_type, body, STR("no-cache"));
}

void edge_respond_upgrade(struct edge_exchange *ex,
                          void (*on_upgraded)(void *arg, h2o_socket_t *sock, size_t request_bytes),
                          void *arg)
{
	h2o_req_t *req = ex->req;

	account(ex, 101);
	edge_respond_header(ex, "x-request-id", ex->call.request_id);
	req->res.status = 101;
	req->res.reason = reason_of(101);
	edge_anchor_answer(ex->anchor, ex->edge->cfg->send_timeout_ms);
	ex->req = NULL;
	h2o_http1_upgrade(req, NULL, 0, on_upgraded, arg);
}

/* Who has yet to sign in is not told what is wrong with the rest. */
static void print_details(struct edge_exchange *ex, int http_status, struct buf *out)
{
	const struct pb_violations *v = &ex->call.violations;

	if (v->count == 0 || http_status == 401)
		return;
	buf_put(out, STR(",\"details\":["));
	for (unsigned i = 0; i < v->count; i++) {
		buf_put(out, i ? STR(",{\"field\":") : STR("{\"field\":"));
		pbjson_print_string(out, str_c(v->items[i].field));
		buf_put(out, STR(",\"reason\":"));
		pbjson_print_string(out, str_c(v->items[i].reason));
		buf_put_c(out, '}');
	}
	buf_put_c(out, ']');
}

/* Only of what is used up. */
static void add_rate_limit(struct edge_exchange *ex)
{
	struct arena *a = &ex->call.arena;

	edge_respond_header(ex, "ratelimit-limit",
	                    str_c(arena_printf(a, "%u", ex->call.rate_limit)));
	edge_respond_header(ex, "ratelimit-remaining", STR("0"));
	edge_respond_header(ex, "ratelimit-reset",
	                    str_c(arena_printf(a, "%u", ex->call.retry_after_s)));
}

static void add_headers(struct edge_exchange *ex, status st, int http_status)
{
	struct arena *a = &ex->call.arena;
	uint32_t      after = ex->call.retry_after_s;

	if (http_status == 401)
		edge_respond_header(ex, "www-authenticate", STR("Bearer"));
	if (http_status == 405)
		edge_respond_header(ex, "allow", ex->allow);
	/* 504 has none: never invite a second write when the first may have happened. */
	if (http_status == 503 || http_status == 429)
		edge_respond_header(ex, "retry-after",
		                    str_c(arena_printf(a, "%u", after ? after : RETRY_AFTER_S)));
	if (http_status == 429 && ex->call.rate_limit)
		add_rate_limit(ex);
	if (http_status >= 500 && st.code != CODE_UNAVAILABLE && st.code != CODE_DEADLINE_EXCEEDED)
		log_error("request failed", LOG_STR("request_id", ex->call.request_id),
		          LOG_CODE(st), LOG_REASON(st));
}

bool edge_respond_is_to_chat(const struct edge_exchange *ex)
{
	static const str chat = {"/api/v1/chat", 12};

	return str_starts(ex->log_path, chat) &&
	       (ex->log_path.len == chat.len || ex->log_path.ptr[chat.len] == '/');
}

void edge_respond_error(struct edge_exchange *ex, status st, int http_status)
{
	AUTO(buf_fini) struct buf out;

	/* Cut off when the drain's time is up: a write may have been done all the same. */
	if (st.code == CODE_CANCELLED)
		st = status_error(CODE_DEADLINE_EXCEEDED, "the server shuts down");
	if (http_status == 0)
		http_status = edge_respond_http_status(st.code);
	add_headers(ex, st, http_status);
	if (http_status == 500)
		st.msg = "internal error";
	buf_init(&out, MAX_ERROR_BYTES);
	buf_put(&out, edge_respond_is_to_chat(ex) ? STR("{\"success\":false,\"error\":")
	                                          : STR("{\"error\":"));
	pbjson_print_string(&out, str_c(st.msg ? st.msg : code_name(st.code)));
	buf_put(&out, STR(",\"code\":\""));
	buf_put(&out, str_c(code_name(st.code)));
	buf_put_c(&out, '"');
	print_details(ex, http_status, &out);
	buf_put(&out, STR(",\"request_id\":"));
	pbjson_print_string(&out, ex->call.request_id);
	buf_put_c(&out, '}');
	edge_respond(ex, http_status, "application/json", buf_str(&out));
}
