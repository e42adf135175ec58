/*
 * A request as a peer may send it, up to its handler: envelope, method, identity, request, rules.
 * Then the same bytes as a reply, as a client reads them.
 */
#include "test/fuzz/fuzz.h"

#include "canaduck/rpc/v1/health.rpc.h"
#include "canaduck/rpc/v1/reflection.rpc.h"
#include "rpc/admit.h"
#include "rpc/envelope.h"

#include <string.h>

static const struct rpc_method *find(const char *name)
{
	if (strcmp(name, reflection_list_method->name) == 0)
		return reflection_list_method;
	return health_check_method;
}

static void read_as_request(str wire)
{
	static const struct identity_keys keys = {.current = {1}, .current_id = 1};
	struct rpc_call                   call;
	rpcv1_request                    *envelope;
	ProtobufCMessage                 *request;
	status                            st;

	rpc_call_init(&call, 0);
	st = rpc_envelope_read_request(wire, &call, &envelope);
	if (st.code == CODE_OK)
		st = rpc_admit(find(envelope->method), &keys, 0,
		               (str){(const char *)envelope->payload.data, envelope->payload.len},
		               &call, &request);
	fuzz_require(st.code == CODE_OK || st.msg != NULL);
	rpc_call_fini(&call);
}

static void read_as_reply(str wire)
{
	struct rpc_call   call;
	ProtobufCMessage *response;
	status            st;

	rpc_call_init(&call, 0);
	st = rpc_envelope_read_reply(wire, health_check_method, &call, &response);
	fuzz_require(st.code == CODE_OK || st.msg != NULL);
	rpc_call_fini(&call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const str wire = {(const char *)data, size};

	read_as_request(wire);
	read_as_reply(wire);
	return 0;
}
