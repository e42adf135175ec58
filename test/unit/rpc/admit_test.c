#include "rpc/admit.h"

#include "canaduck/rpc/v1/health.schema.h"
#include "canaduck/users/v1/users.schema.h"
#include "test/support/test.h"

static const struct identity_keys keys = {.current = {4, 2}, .current_id = 1};

TEST(a_seal_that_is_wrong_or_over_is_unauthenticated_unless_nobody_looks)
{
	static const struct {
		enum rpc_auth      auth;
		int64_t            age_s;
		bool               is_spoilt;
		enum code          code;
		enum identity_kind kind;
	} cases[] = {
	        {RPC_AUTH_PUBLIC, 0, false, CODE_OK, IDENTITY_ACCOUNT},
	        {RPC_AUTH_PUBLIC, 0, true, CODE_UNAUTHENTICATED, IDENTITY_ANONYMOUS},
	        {RPC_AUTH_PUBLIC, 120, false, CODE_UNAUTHENTICATED, IDENTITY_ANONYMOUS},
	        {RPC_AUTH_IGNORED, 120, false, CODE_OK, IDENTITY_ANONYMOUS},
	        {RPC_AUTH_IGNORED, 0, true, CODE_OK, IDENTITY_ANONYMOUS},
	        {RPC_AUTH_USER, 0, false, CODE_OK, IDENTITY_ACCOUNT},
	        {RPC_AUTH_USER, 120, false, CODE_UNAUTHENTICATED, IDENTITY_ANONYMOUS},
	};
	const struct identity person = {.kind = IDENTITY_ACCOUNT, .account_id = 8};
	const int64_t         now_s = 1000000;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rpc_method m = {.name = "/x/Y",
		                             .auth = cases[i].auth,
		                             .request = &rpcv1_check_request_schema};
		ProtobufCMessage       *request;
		struct rpc_call         call;

		rpc_call_init(&call, 0);
		assert_status(identity_seal(&keys, &person, now_s - cases[i].age_s, 30, 0,
		                            &call.arena, &call.sealed),
		              CODE_OK);
		if (cases[i].is_spoilt)
			((char *)(uintptr_t)call.sealed.mac.ptr)[0] ^= 1;
		assert_status(rpc_admit(&m, &keys, now_s, STR(""), &call, &request), cases[i].code);
		assert_int_equal(call.who.kind, cases[i].kind);
		rpc_call_fini(&call);
	}
}

TEST(a_request_that_cannot_be_read_is_an_invalid_argument)
{
	const struct rpc_method m = {.name = "/x/Y", .request = &rpcv1_check_request_schema};
	ProtobufCMessage       *request;
	struct rpc_call         call;

	rpc_call_init(&call, 0);
	assert_status(rpc_admit(&m, &keys, 0, STR("\x0a\x05"), &call, &request),
	              CODE_INVALID_ARGUMENT);
	rpc_call_fini(&call);
}

/* A request of nothing: the name it needs is not there. */
static status admit(const struct rpc_method *m, struct rpc_call *call)
{
	ProtobufCMessage *request;

	return rpc_admit(m, &keys, 0, STR(""), call, &request);
}

TEST(what_is_wrong_with_a_call_is_withheld_where_a_method_conceals)
{
	static const struct {
		enum rpc_auth auth;
		enum code     withheld;
		unsigned      n_violations;
	} cases[] = {
	        {RPC_AUTH_PUBLIC, CODE_INVALID_ARGUMENT, 1},
	        {RPC_AUTH_USER, CODE_UNAUTHENTICATED, 1},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rpc_method m = {.name = "/x/Y",
		                       .auth = cases[i].auth,
		                       .request = &users_whois_request_schema};
		struct rpc_call   call;

		rpc_call_init(&call, 0);
		assert_status(admit(&m, &call), cases[i].withheld);
		assert_status(rpc_call_reveal(&call), CODE_OK);
		rpc_call_reuse(&call);
		m.conceals = true;
		assert_status(admit(&m, &call), CODE_OK);
		assert_status(rpc_call_reveal(&call), cases[i].withheld);
		assert_int_equal(call.violations.count, cases[i].n_violations);
		rpc_call_fini(&call);
	}
}

TEST(concealing_lets_nobody_else_in)
{
	const struct rpc_method methods[] = {
	        {.name = "/x/Y",
	         .auth = RPC_AUTH_SERVICE,
	         .conceals = true,
	         .request = &users_whois_request_schema},
	        {.name = "/x/Z",
	         .auth = RPC_AUTH_ADMIN,
	         .conceals = true,
	         .request = &users_whois_request_schema},
	};
	const struct identity person = {.kind = IDENTITY_ACCOUNT, .account_id = 8};

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		struct rpc_call call;

		rpc_call_init(&call, 0);
		assert_status(identity_seal(&keys, &person, 0, 30, 0, &call.arena, &call.sealed),
		              CODE_OK);
		assert_status(admit(&methods[i], &call), CODE_PERMISSION_DENIED);
		rpc_call_fini(&call);
	}
}

TEST_MAIN()
