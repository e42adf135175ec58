#include "canaduck/rpc/v1/reflection.server.h"

#include "base/mem.h"
#include "pb/message.h"
#include "rpc/call.h"
#include "rpc/serving.h"
#include "rpc/transport.h"

/*
 * Descriptors. Each service brings a packed FileDescriptorSet, one field (1) repeated, with all
 * its imports. Sets are joined by joining their bytes; a file that came before is left out.
 */

enum { FILE_TAG = 1 << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED };

/* Cuts the next file, tag and length included, off the front of a set. */
static bool next_file(str *set, str *out_file)
{
	size_t   at = 1, len = 0;
	unsigned shift = 0;

	if (set->len < 2 || (uint8_t)set->ptr[0] != FILE_TAG)
		return false;
	do {
		if (at == set->len || shift > 28)
			return false;
		len |= (size_t)((uint8_t)set->ptr[at] & 0x7f) << shift;
		shift += 7;
	} while ((uint8_t)set->ptr[at++] & 0x80);
	if (len > set->len - at)
		return false;
	*out_file = (str){set->ptr, at + len};
	*set = str_from(*set, at + len);
	return true;
}

static bool has_file(str set, str file)
{
	str f;

	while (next_file(&set, &f))
		if (str_eq(f, file))
			return true;
	return false;
}

static status join_descriptors(const struct rpc_server *server, struct arena *a,
                               ProtobufCBinaryData *out_joined)
{
	AUTO(buf_fini) struct buf joined;
	const struct rpc_service *service;
	str                       file, copy;

	buf_init(&joined, RPC_MAX_FRAME / 2);
	for (unsigned i = 0; rpc_server_service(server, i, &service); i++) {
		str set = {(const char *)service->descriptors, service->descriptors_len};

		while (next_file(&set, &file))
			if (!has_file(buf_str(&joined), file))
				buf_put(&joined, file);
	}
	TRY(buf_status(&joined));
	copy = arena_dup(a, buf_str(&joined));
	*out_joined = (ProtobufCBinaryData){copy.len, (uint8_t *)(uintptr_t)copy.ptr};
	return STATUS_OK;
}

static void describe(const struct rpc_method *m, struct arena *a, rpcv1_method_info *info)
{
	static const char *const auth_names[] = {[RPC_AUTH_PUBLIC] = "PUBLIC",
	                                         [RPC_AUTH_IGNORED] = "IGNORED",
	                                         [RPC_AUTH_USER] = "USER",
	                                         [RPC_AUTH_ADMIN] = "ADMIN",
	                                         [RPC_AUTH_SERVICE] = "SERVICE"};

	rpcv1_method_info_init(info);
	info->name = arena_cstr(a, str_c(m->name));
	info->request = arena_cstr(a, str_c(m->request->descriptor->name));
	info->response = arena_cstr(a, str_c(m->response->descriptor->name));
	info->auth = arena_cstr(a, str_c(auth_names[m->auth]));
	info->routes = arena_alloc(a, m->n_routes * sizeof *info->routes);
	info->n_routes = m->n_routes;
	for (unsigned i = 0; i < m->n_routes; i++)
		info->routes[i] =
		        arena_printf(a, "%s %s", m->routes[i].http_method, m->routes[i].path);
}

status reflection_list(struct rpc_server *server, struct rpc_call *call,
                       const rpcv1_list_request *req __attribute__((unused)),
                       rpcv1_list_response      *out_response)
{
	const struct rpc_methods *methods = rpc_server_methods(server);
	struct arena             *a = &call->arena;
	rpcv1_method_info        *items = arena_alloc(a, methods->count * sizeof *items);

	TRY(join_descriptors(server, a, &out_response->descriptors));
	out_response->methods = arena_alloc(a, methods->count * sizeof *out_response->methods);
	out_response->n_methods = methods->count;
	for (unsigned i = 0; i < methods->count; i++) {
		describe(methods->items[i]->method, a, &items[i]);
		out_response->methods[i] = &items[i];
	}
	return STATUS_OK;
}
