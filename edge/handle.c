#include "edge/internal.h"

#include "edge/address.h"
#include "edge/length.h"
#include "edge/request_id.h"
#include "edge/respond.h"
#include "edge/user_id.h"
#include "fiber/fiber.h"

#include <arpa/inet.h>
#include <string.h>

enum { MAX_REQUEST_ID = 128, MAX_USER_AGENT = 512, TRACEPARENT_BYTES = 55 };

static bool is_sane_id(str s)
{
	if (s.len < 1 || s.len > MAX_REQUEST_ID)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || s.ptr[i] == '"' || s.ptr[i] == '\\')
			return false;
	return true;
}

/* A header may hold any bytes; what becomes text of ours is printable ASCII. */
static str printable(str s, size_t max, struct arena *a)
{
	char *copy = arena_cstr(a, s.len > max ? (str){s.ptr, max} : s);

	for (char *c = copy; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return str_c(copy);
}

static str peer_address(const h2o_req_t *req, struct arena *a)
{
	struct sockaddr_storage ss;
	char                   *text = arena_zalloc(a, INET6_ADDRSTRLEN);

	if (req->conn->callbacks->get_peername(req->conn, (struct sockaddr *)&ss) == 0)
		return str_c(text);
	if (ss.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&ss)->sin6_addr, text,
		          INET6_ADDRSTRLEN);
	else if (ss.ss_family == AF_INET)
		inet_ntop(AF_INET, &((struct sockaddr_in *)&ss)->sin_addr, text, INET6_ADDRSTRLEN);
	return str_c(text);
}

/* h2o hides what it understood of the head; on HTTP/1 it still stands in the connection's input. */
static bool has_ambiguous_length(const h2o_req_t *req)
{
	h2o_socket_t *sock;

	if (req->version >= 0x200)
		return false;
	sock = req->conn->callbacks->get_socket(req->conn);
	return edge_length_is_ambiguous((str){sock->input->bytes, sock->input->size});
}

void edge_read_head(struct edge_exchange *ex)
{
	struct arena *a = &ex->call.arena;
	str           id = edge_exchange_header(ex, "x-request-id");
	str           trace = edge_exchange_header(ex, "traceparent");
	str           agent = edge_exchange_header(ex, "user-agent");
	str           origin = edge_exchange_header(ex, "origin");

	ex->call.request_id =
	        is_sane_id(id) ? arena_dup(a, id) : edge_request_id_new(&ex->edge->request_ids, a);
	if (trace.len == TRACEPARENT_BYTES && is_sane_id(trace))
		ex->call.traceparent = arena_dup(a, trace);
	ex->call.user_agent = printable(agent, MAX_USER_AGENT, a);
	ex->call.client_address = edge_address_choose(
	        peer_address(ex->req, a), edge_exchange_header_list(ex, "x-forwarded-for"),
	        str_c(ex->edge->cfg->trusted_proxies), a);
	if (origin.len && edge_cors_is_allowed(str_c(ex->edge->cfg->cors_allow_origins), origin))
		ex->origin = arena_dup(a, origin);
}

static status route(struct edge_exchange *ex)
{
	/* h2o leaves the body of an answer to HEAD out by itself. */
	str    method = str_eq(ex->method, STR("HEAD")) ? STR("GET") : ex->method;
	status st = httprule_router_find(ex->edge->router, method, ex->path, &ex->call.arena,
	                                 &ex->match, &ex->allow);

	if (st.code == CODE_OK)
		ex->route = ex->match.target;
	return st;
}

static void refuse_route(struct edge_exchange *ex, status st)
{
	if (st.code == CODE_INVALID_ARGUMENT)
		edge_respond_error(ex, st, 400);
	else if (st.code == CODE_UNIMPLEMENTED)
		edge_respond_error(ex, status_error(st.code, "the route has no such method"), 405);
	else
		edge_respond_error(ex, status_error(CODE_NOT_FOUND, "no such route"), 404);
}

static bool caller_is_fine(struct edge_exchange *ex)
{
	return ex->call.who.kind != IDENTITY_ACCOUNT || !edge_respond_is_to_chat(ex) ||
	       edge_user_id_is_fine(ex);
}

/* Only a body that will be read has a size and a type to be wrong. */
static bool body_is_fine(struct edge_exchange *ex)
{
	if (ex->body.len <= ex->route->max_body)
		return true;
	edge_refuse_body(ex,
	                 status_errorf(&ex->call.arena, CODE_RESOURCE_EXHAUSTED,
	                               "the body is larger than %u bytes", ex->route->max_body),
	                 413);
	return false;
}

void edge_handle(struct edge_exchange *ex)
{
	status st;

	if (has_ambiguous_length(ex->req)) {
		ex->req->http1_is_persistent = 0;
		edge_respond_error(
		        ex,
		        status_error(CODE_INVALID_ARGUMENT, "the length of the body is ambiguous"),
		        400);
		return;
	}
	st = route(ex);
	if (str_eq(ex->method, STR("OPTIONS")) && st.code == CODE_UNIMPLEMENTED) {
		edge_cors_preflight(ex);
		return;
	}
	if (st.code != CODE_OK) {
		refuse_route(ex, st);
		return;
	}
	fiber_set_label(ex->route->name);
	st = edge_authenticate(ex, ex->route->auth);
	if (st.code == CODE_OK) {
		if (ex->call.who.kind == IDENTITY_ACCOUNT)
			edge_presence_note(ex->edge, ex->call.who.account_id, ex->started_ns);
		if (!caller_is_fine(ex) || !body_is_fine(ex))
			return;
		st = ex->route->handle(ex);
	}
	if (st.code != CODE_OK)
		edge_respond_error(ex, st, 0);
}
