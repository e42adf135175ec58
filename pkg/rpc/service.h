/*
 * rpc/service.h - the tables that the generator emits for a service: what a client, a
 * server and the edge need to know of its methods.
 *
 * Tables are constant data. <package>.rpc.h holds the service's table, messages and client
 * stubs; <package>.server.h its handlers' prototypes and the table of thunks.
 */
#ifndef RPC_SERVICE_H
#define RPC_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "pb/schema.h"

struct rpc_call; /* rpc/call.h */

enum rpc_auth {
	RPC_AUTH_PUBLIC,
	RPC_AUTH_IGNORED,
	RPC_AUTH_USER,
	RPC_AUTH_ADMIN,
	RPC_AUTH_SERVICE
};
enum rpc_envelope { RPC_BARE, RPC_RESULT, RPC_SUCCESS };

/* One HTTP route (a google.api.http binding). */
struct rpc_route {
	const char *http_method;   /* "GET" */
	const char *path;          /* template, checked by the generator */
	const char *body;          /* "*", a field's proto name, or NULL: no body is read */
	const char *response_body; /* a field's proto name, or NULL: the whole response */
};

struct rpc_method {
	const char              *name;       /* "/canaduck.users.v1.Users/GetMe" */
	const char              *short_name; /* "GetMe" */
	const char              *doc;        /* the proto comment */
	const struct pb_message *request, *response;
	enum rpc_auth            auth;
	enum rpc_envelope        envelope;
	uint16_t                 http_status; /* of success, 200 unless said */
	uint32_t                 max_body;    /* bytes */
	bool                     has_no_side_effects;
	bool                     changes_sessions;
	bool                     conceals; /* see rpc_call_reveal() */
	bool lists_places; /* its answer is GeoJSON too, see pbjson_print_places() */
	const struct rpc_route *routes;
	unsigned                n_routes;
};

struct rpc_service {
	const char              *name;       /* "canaduck.users.v1.Users" */
	const char              *short_name; /* "users": the package's middle part */
	const char              *doc;
	const struct rpc_method *methods; /* in the order of the proto */
	unsigned                 n_methods;
	const uint8_t           *descriptors; /* packed FileDescriptorSet with all imports */
	size_t                   descriptors_len;
};

/*
 * Runs one method: app is the service's context. req was unpacked and passed its rules; response is
 * initialised. Both are in the call's arena.
 */
typedef status rpc_handler(void *app, struct rpc_call *call, const ProtobufCMessage *request,
                           ProtobufCMessage *response);

/* What a server serves of a service: handlers[] runs parallel to service->methods[]. */
struct rpc_handlers {
	const struct rpc_service *service;
	rpc_handler *const       *handlers;
};

#endif
