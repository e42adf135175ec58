#include "edge/chat.h"

#include "base/clock.h"
#include "edge/chat_socket.h"
#include "edge/respond.h"
#include "edge/user_id.h"

#include <h2o/websocket.h>

enum { FEED_TIMEOUT_MS = 2000 };

/* "bearer.<token>" among the subprotocols that a client offers; the whole and the token. */
static bool find_protocol(struct edge_exchange *ex, str *out_protocol, str *out_token)
{
	str       protocols = edge_exchange_header_list(ex, "sec-websocket-protocol");
	const str prefix = STR("bearer.");
	str       one;

	while (str_next(&protocols, ',', &one)) {
		one = str_trim(one);
		if (!str_starts(one, prefix))
			continue;
		*out_protocol = one;
		*out_token = str_from(one, prefix.len);
		return true;
	}
	return false;
}

/* Browsers cannot set the header on a WebSocket. */
static status authenticate(struct edge_exchange *ex)
{
	str token, protocol;

	if (edge_query_find(ex, STR("token"), &token) || find_protocol(ex, &protocol, &token))
		return edge_authenticate_token(ex, token);
	return status_error(CODE_UNAUTHENTICATED, "a token is required");
}

/* RFC 6455 4.2.1: 16 bytes in base64. */
static bool is_key(const char *key)
{
	for (int i = 0; i < 22; i++)
		if (!((key[i] >= 'A' && key[i] <= 'Z') || (key[i] >= 'a' && key[i] <= 'z') ||
		      (key[i] >= '0' && key[i] <= '9') || key[i] == '+' || key[i] == '/'))
			return false;
	return key[22] == '=' && key[23] == '=';
}

/* RFC 6455 4.2.1: of HTTP/1.1, and with a version that is spoken. */
static bool is_handshake(const struct edge_exchange *ex, const char **out_key)
{
	return ex->req->version == 0x101 && h2o_is_websocket_handshake(ex->req, out_key) == 0 &&
	       *out_key && str_eq(edge_exchange_header(ex, "sec-websocket-version"), STR("13"));
}

/* RFC 6455 4.4: 426 names the version that is spoken. True when it has answered. */
static bool refuse_handshake(struct edge_exchange *ex, const char **out_key)
{
	if (!is_handshake(ex, out_key)) {
		/* In HTTP/2 these two make an answer malformed (RFC 9113 8.2.2). */
		if (ex->req->version < 0x200) {
			edge_respond_header(ex, "upgrade", STR("websocket"));
			edge_respond_header(ex, "connection", STR("upgrade"));
		}
		edge_respond_header(ex, "sec-websocket-version", STR("13"));
		edge_respond_error(ex,
		                   status_error(CODE_FAILED_PRECONDITION,
		                                "this is a WebSocket, over HTTP/1.1: send Upgrade: "
		                                "websocket, and version 13"),
		                   426);
		return true;
	}
	if (is_key(*out_key))
		return false;
	edge_respond_error(
	        ex, status_error(CODE_INVALID_ARGUMENT, "Sec-WebSocket-Key is malformed"), 400);
	return true;
}

/* Browsers send Origin with every WebSocket, whatever CORS says: what pages may do is up to here.
 */
static status check_origin(struct edge_exchange *ex)
{
	str origin = edge_exchange_header(ex, "origin");
	str host = {ex->req->authority.base, ex->req->authority.len};

	if (origin.len == 0 || edge_cors_is_same(origin, host) ||
	    edge_cors_is_allowed(str_c(ex->edge->cfg->cors_allow_origins), origin))
		return STATUS_OK;
	return status_error(CODE_PERMISSION_DENIED, "pages of this origin may not connect");
}

/* From the answer on nothing may be missed. */
static status await_feed(struct edge_exchange *ex)
{
	if (edge_feed_is_complete(ex->edge, "messages"))
		return STATUS_OK;
	TRY(edge_feed_await(ex->edge, "messages", clock_after_ms(FEED_TIMEOUT_MS)));
	return ex->req ? STATUS_OK : status_error(CODE_CANCELLED, "the client left");
}

static int64_t monotonic(int64_t wall_s)
{
	return clock_now_ns() + (wall_s * 1000000 - clock_wall_us()) * CLOCK_NS_PER_US;
}

status edge_chat_accept(struct edge_exchange *ex)
{
	struct edge_chat_socket *s;
	const char              *key;
	str                      protocol = {0}, token;

	if (ex->call.who.kind == IDENTITY_ANONYMOUS) {
		TRY(authenticate(ex));
		if (!edge_user_id_is_fine(ex))
			return STATUS_OK;
	}
	if (refuse_handshake(ex, &key))
		return STATUS_OK;
	TRY(check_origin(ex));
	TRY(await_feed(ex));
	TRY(edge_chat_socket_new(ex, &s));
	(void)find_protocol(ex, &protocol, &token);
	edge_socket_accept(&s->socket, ex, key, protocol, monotonic(s->expire_time),
	                   &edge_chat_socket_ops);
	return STATUS_OK;
}
