#include "rpc/admit.h"

#include "pb/message.h"

static status identify(const struct rpc_method *m, const struct identity_keys *keys, int64_t now_s,
                       struct rpc_call *call)
{
	status st = STATUS_OK;

	call->who = (struct identity){.kind = IDENTITY_ANONYMOUS};
	if (call->sealed.identity.len == 0 && call->sealed.mac.len == 0)
		return STATUS_OK;
	if (keys)
		st = identity_open(keys, call->sealed, now_s, &call->arena, &call->who);
	else
		st = status_error(CODE_UNAUTHENTICATED, "identities cannot be verified");
	/* Such a method does not look at who calls: nor does a seal that is over keep it away. */
	return m->auth == RPC_AUTH_IGNORED ? STATUS_OK : st;
}

static status authorize(enum rpc_auth auth, const struct identity *who)
{
	switch (auth) {
	case RPC_AUTH_PUBLIC:
	case RPC_AUTH_IGNORED:
		return STATUS_OK;
	case RPC_AUTH_USER:
	case RPC_AUTH_ADMIN:
		if (who->kind != IDENTITY_ACCOUNT)
			return status_error(CODE_UNAUTHENTICATED, "sign in first");
		if (auth == RPC_AUTH_ADMIN && !identity_has_role(who, STR("admin")))
			return status_error(CODE_PERMISSION_DENIED, "only administrators may");
		return STATUS_OK;
	case RPC_AUTH_SERVICE:
		if (who->kind != IDENTITY_SERVICE)
			return status_error(CODE_PERMISSION_DENIED, "only services may");
		return STATUS_OK;
	}
	return status_error(CODE_INTERNAL, "a method without a rule of who may call it");
}

/* A method that conceals gets the call all the same, and the first such refusal with it. */
static status unless_concealed(const struct rpc_method *m, status st, enum code code,
                               struct rpc_call *call)
{
	if (!m->conceals || st.code != code)
		return st;
	if (call->withheld.code == CODE_OK)
		call->withheld = st;
	return STATUS_OK;
}

status rpc_admit(const struct rpc_method *m, const struct identity_keys *keys, int64_t now_s,
                 str payload, struct rpc_call *call, ProtobufCMessage **out_request)
{
	ProtobufCMessage *request;

	TRY(identify(m, keys, now_s, call));
	TRY(unless_concealed(m, authorize(m->auth, &call->who), CODE_UNAUTHENTICATED, call));
	if (pb_unpack(&call->arena, m->request->descriptor, payload, &request).code != CODE_OK)
		return status_error(CODE_INVALID_ARGUMENT, "the request is malformed");
	if (!pb_validate(request, m->request, &call->violations))
		TRY(unless_concealed(
		        m, status_error(CODE_INVALID_ARGUMENT, "some fields are not valid"),
		        CODE_INVALID_ARGUMENT, call));
	*out_request = request;
	return STATUS_OK;
}
