#include "edge/internal.h"

#include "base/mem.h"
#include "edge/accept.h"
#include "edge/respond.h"
#include "pb/mask.h"
#include "pb/message.h"
#include "pbjson/pbjson.h"

enum { MAX_ANSWER = 16 * 1024 * 1024 };

void edge_refuse_body(struct edge_exchange *ex, status st, int http_status)
{
	const struct rpc_method *m = ex->route->method;

	if (m && m->auth == RPC_AUTH_USER && ex->call.who.kind == IDENTITY_ANONYMOUS)
		edge_respond_error(ex, status_error(CODE_UNAUTHENTICATED, "a token is required"),
		                   0);
	else
		edge_respond_error(ex, st, http_status);
}

/* RFC 8259 names application/json; RFC 6839 the suffix +json. Parameters do not matter. */
static bool is_json(str media_type)
{
	str type = media_type, rest;

	(void)str_cut(media_type, ';', &type, &rest);
	type = str_trim(type);
	if (str_eq_nocase(type, STR("application/json")))
		return true;
	return type.len > 5 && str_eq_nocase(str_from(type, type.len - 5), STR("+json"));
}

static status decode_path(struct edge_exchange *ex, ProtobufCMessage *request)
{
	struct pbjson_error error;

	for (unsigned i = 0; i < ex->match.n_variables; i++) {
		status st = pbjson_set_text(&ex->call.arena, ex->route->method->request, request,
		                            ex->match.variables[i].name,
		                            ex->match.variables[i].value, &error);

		if (st.code == CODE_INVALID_ARGUMENT)
			return rpc_call_refuse(&ex->call, CODE_INVALID_ARGUMENT, error.field,
			                       error.reason);
		TRY(st);
	}
	return STATUS_OK;
}

static status decode_body(struct edge_exchange *ex, ProtobufCMessage *request)
{
	const struct pb_message *schema = ex->route->method->request;
	const char              *body = ex->route->binding->body;
	struct pbjson_seen       seen = {0};
	struct pbjson_error      error;
	status                   st;

	if (ex->body.len == 0)
		return STATUS_OK;
	if (str_eq(str_c(body), STR("*")))
		st = pbjson_parse(&ex->call.arena, ex->body, schema, request, &seen, &error);
	else
		st = pbjson_parse_field(&ex->call.arena, ex->body, schema, request, body, &error);
	if (st.code == CODE_OK)
		pb_mask_fill(&ex->call.arena, schema, request, seen.names, seen.count);
	if (st.code != CODE_INVALID_ARGUMENT)
		return st;
	if (error.field[0] == '\0')
		return status_errorf(&ex->call.arena, st.code, "the body %s", error.reason);
	return rpc_call_refuse(&ex->call, st.code, error.field, error.reason);
}

static status decode(struct edge_exchange *ex, ProtobufCMessage *request)
{
	const char *body = ex->route->binding->body;

	TRY(decode_path(ex, request));
	TRY(edge_query_decode(ex, ex->route->method->request, request));
	if (body)
		TRY(decode_body(ex, request));
	return STATUS_OK;
}

static const struct {
	str head, tail;
} envelopes[] = {
        [RPC_BARE] = {{"", 0}, {"", 0}},
        [RPC_RESULT] = {{"{\"result\":", 10}, {"}", 1}},
        [RPC_SUCCESS] = {{"{\"success\":true,\"data\":", 23}, {"}", 1}},
};

static status print_json(const struct edge_exchange *ex, const ProtobufCMessage *response,
                         struct buf *out)
{
	const struct rpc_method *m = ex->route->method;
	const char              *field = ex->route->binding->response_body;

	buf_put(out, envelopes[m->envelope].head);
	if (field)
		TRY(pbjson_print_field(out, response, m->response, field, &pbjson_public));
	else
		TRY(pbjson_print(out, response, m->response, &pbjson_public));
	buf_put(out, envelopes[m->envelope].tail);
	return STATUS_OK;
}

static status print_geojson(const struct edge_exchange *ex, const ProtobufCMessage *response,
                            struct buf *out)
{
	return pbjson_print_places(out, response, ex->route->method->response,
	                           ex->route->binding->response_body, &pbjson_public);
}

enum form { JSON, GEOJSON };

static const struct {
	const char *media_type;
	status (*print)(const struct edge_exchange *ex, const ProtobufCMessage *response,
	                struct buf *out);
} forms[] = {
        [JSON] = {"application/json", print_json},
        [GEOJSON] = {"application/geo+json", print_geojson},
};

/* The form that the client wants, where there is more than one. Before the first suspension. */
static enum form choose_form(struct edge_exchange *ex)
{
	const str media_types[] = {str_c(forms[JSON].media_type), str_c(forms[GEOJSON].media_type)};

	if (!ex->route->method->lists_places)
		return JSON;
	return edge_accept_choose(edge_exchange_header_list(ex, "accept"), media_types, 2);
}

static int status_of(const struct edge_exchange *ex)
{
	const int http_status = ex->route->method->http_status;

	return http_status == 201 && ex->call.found_existing ? 200 : http_status;
}

static status answer(struct edge_exchange *ex, const ProtobufCMessage *response, enum form form)
{
	const struct rpc_method  *m = ex->route->method;
	AUTO(buf_fini) struct buf out;

	buf_init(&out, MAX_ANSWER);
	if (m->http_status != 204) {
		TRY(forms[form].print(ex, response, &out));
		if (buf_status(&out).code != CODE_OK)
			return status_error(CODE_INTERNAL, "the answer is too large");
	}
	if (m->lists_places)
		edge_respond_header(ex, "vary", STR("accept"));
	edge_respond(ex, status_of(ex), forms[form].media_type, buf_str(&out));
	return STATUS_OK;
}

status edge_forward(struct edge_exchange *ex)
{
	const struct rpc_method *m = ex->route->method;
	ProtobufCMessage        *request = pb_new(&ex->call.arena, m->request->descriptor);
	ProtobufCMessage        *response;
	enum form                form = choose_form(ex);
	status                   st;

	if (ex->route->binding->body && ex->body.len > 0 &&
	    !is_json(edge_exchange_header(ex, "content-type"))) {
		edge_refuse_body(
		        ex,
		        status_error(CODE_INVALID_ARGUMENT, "the body must be application/json"),
		        415);
		return STATUS_OK;
	}
	st = decode(ex, request);
	if (st.code == CODE_INVALID_ARGUMENT) {
		edge_refuse_body(ex, st, 400);
		return STATUS_OK;
	}
	if (st.code == CODE_RESOURCE_EXHAUSTED) {
		edge_refuse_body(ex, status_error(st.code, "the body holds too much"), 413);
		return STATUS_OK;
	}
	TRY(st);
	TRY(rpc_client_call(ex->route->client, &ex->call, m, request, &response));
	edge_sessions_apply(ex->edge->host->sessions, ex->call.session_changes);
	return answer(ex, response, form);
}
