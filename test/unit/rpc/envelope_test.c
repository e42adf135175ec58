#include "rpc/envelope.h"

#include "base/mem.h"
#include "canaduck/rpc/v1/health.schema.h"
#include "rpc/transport.h"
#include "test/support/test.h"

static const struct rpc_method check = {.name = "/canaduck.rpc.v1.Health/Check",
                                        .request = &rpcv1_check_request_schema,
                                        .response = &rpcv1_check_response_schema};

TEST(what_a_call_carries_arrives)
{
	AUTO(buf_fini) struct buf wire;
	struct rpc_call           sent, got;
	rpcv1_request            *r;

	buf_init(&wire, RPC_MAX_FRAME);
	rpc_call_init(&sent, 0);
	rpc_call_init(&got, 0);
	sent.request_id = STR("r-1");
	sent.traceparent = STR("00-trace");
	sent.idempotency_key = STR("key");
	sent.client_address = STR("192.0.2.1");
	sent.user_agent = STR("agent");
	sent.sealed = (struct identity_sealed){STR("who"), STR("mac")};
	assert_status(
	        rpc_envelope_write_request(&wire, &sent, &check, sent.sealed, 250, STR("payload")),
	        CODE_OK);
	assert_status(rpc_envelope_read_request(buf_str(&wire), &got, &r), CODE_OK);
	assert_string_equal(r->method, check.name);
	assert_int_equal(r->timeout_ms, 250);
	assert_int_equal(r->payload.len, 7);
	assert_str(got.request_id, "r-1");
	assert_str(got.traceparent, "00-trace");
	assert_str(got.idempotency_key, "key");
	assert_str(got.client_address, "192.0.2.1");
	assert_str(got.user_agent, "agent");
	assert_str(got.sealed.identity, "who");
	assert_str(got.sealed.mac, "mac");
	rpc_call_fini(&sent);
	rpc_call_fini(&got);
}

TEST(text_that_is_not_utf8_does_not_spoil_a_call)
{
	AUTO(buf_fini) struct buf wire;
	struct rpc_call           sent, got;
	rpcv1_request            *r;

	buf_init(&wire, RPC_MAX_FRAME);
	rpc_call_init(&sent, 0);
	rpc_call_init(&got, 0);
	sent.user_agent = STR("bad \xff agent");
	assert_status(rpc_envelope_write_request(&wire, &sent, &check, sent.sealed, 0, STR("")),
	              CODE_OK);
	assert_status(rpc_envelope_read_request(buf_str(&wire), &got, &r), CODE_OK);
	assert_int_equal(got.user_agent.len, 0);
	rpc_call_fini(&sent);
	rpc_call_fini(&got);
}

TEST(a_failure_arrives_with_all_that_belongs_to_it)
{
	static const struct {
		enum code code;
		bool      not_executed;
	} cases[] = {{CODE_ALREADY_EXISTS, false}, {CODE_UNAVAILABLE, true}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(buf_fini) struct buf wire;
		ProtobufCMessage         *response = NULL;
		struct rpc_call           served, calling;
		status                    st;

		buf_init(&wire, RPC_MAX_FRAME);
		rpc_call_init(&served, 0);
		rpc_call_init(&calling, 0);
		served.retry_after_s = 3;
		served.rate_limit = 10;
		st = rpc_call_refuse(&served, cases[i].code, "email", "is taken");
		assert_status(rpc_envelope_write_reply(&wire, &served, st, NULL), CODE_OK);
		assert_status(rpc_envelope_read_reply(buf_str(&wire), &check, &calling, &response),
		              cases[i].code);
		assert_null(response);
		assert_int_equal(calling.not_executed, cases[i].not_executed);
		assert_int_equal(calling.retry_after_s, 3);
		assert_int_equal(calling.rate_limit, 10);
		assert_int_equal(calling.violations.count, 1);
		assert_string_equal(calling.violations.items[0].field, "email");
		assert_string_equal(calling.violations.items[0].reason, "is taken");
		rpc_call_fini(&served);
		rpc_call_fini(&calling);
	}
}

TEST(a_success_says_whether_anything_was_created)
{
	for (int found = 0; found < 2; found++) {
		AUTO(buf_fini) struct buf wire;
		rpcv1_check_response      answer;
		ProtobufCMessage         *response;
		struct rpc_call           served, calling;

		buf_init(&wire, RPC_MAX_FRAME);
		rpc_call_init(&served, 0);
		rpc_call_init(&calling, 0);
		rpcv1_check_response_init(&answer);
		served.found_existing = found;
		assert_status(rpc_envelope_write_reply(&wire, &served, STATUS_OK, &answer.base),
		              CODE_OK);
		assert_status(rpc_envelope_read_reply(buf_str(&wire), &check, &calling, &response),
		              CODE_OK);
		assert_int_equal(calling.found_existing, found);
		rpc_call_fini(&served);
		rpc_call_fini(&calling);
	}
}

TEST(a_reply_that_makes_no_sense_is_a_failure)
{
	static const struct {
		str       wire;
		enum code code;
	} cases[] = {
	        {STR("\xff\xff\xff"), CODE_INTERNAL},
	        {STR("\x1a\x02\x08"), CODE_INTERNAL}, /* payload cut short */
	        {STR("\x1a\x01\x08"), CODE_INTERNAL}, /* response cut short */
	        {STR("\x08\x63"), CODE_UNKNOWN},      /* code 99 */
	        {STR("\x12\x01\xff"), CODE_INTERNAL}, /* message not UTF-8 */
	        {STR("\x1a\x02\x08\x01"), CODE_OK},   /* status: SERVING */
	        {STR("\xc2\x3e\x03xyz"), CODE_OK},    /* field 1000, of a later release */
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ProtobufCMessage *response;
		struct rpc_call   call;

		rpc_call_init(&call, 0);
		assert_status(rpc_envelope_read_reply(cases[i].wire, &check, &call, &response),
		              cases[i].code);
		rpc_call_fini(&call);
	}
}

TEST(a_malformed_request_is_an_invalid_argument)
{
	static const str cases[] = {STR("\x0a"), STR("\x0a\x01\xff"),
	                            STR("\x0a\x02"
	                                "a\x00"),
	                            STR("\x07")};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rpc_call call;
		rpcv1_request  *r;

		rpc_call_init(&call, 0);
		assert_status(rpc_envelope_read_request(cases[i], &call, &r),
		              CODE_INVALID_ARGUMENT);
		rpc_call_fini(&call);
	}
}

TEST(a_refusal_is_unavailable_and_surely_not_executed)
{
	AUTO(buf_fini) struct buf wire;
	ProtobufCMessage         *response;
	struct rpc_call           call;

	buf_init(&wire, RPC_MAX_FRAME);
	rpc_call_init(&call, 0);
	assert_status(rpc_envelope_write_refusal(&wire, "busy"), CODE_OK);
	assert_status(rpc_envelope_read_reply(buf_str(&wire), &check, &call, &response),
	              CODE_UNAVAILABLE);
	assert_true(call.not_executed);
	rpc_call_fini(&call);
}

TEST(a_call_in_use_again_knows_nothing_of_the_one_before)
{
	struct rpc_call call;

	rpc_call_init(&call, 5);
	assert_status(rpc_call_invalid(&call, "name", "is missing"), CODE_INVALID_ARGUMENT);
	rpc_call_session_changed(&call,
	                         &(struct rpc_session_change){.account_id = 1, .session_id = 2});
	call.request_id = STR("r-1");
	rpc_call_reuse(&call);
	assert_int_equal(call.violations.count, 0);
	assert_null(call.session_changes);
	assert_int_equal(call.request_id.len, 0);
	assert_status(rpc_call_invalid(&call, "name", "is missing"), CODE_INVALID_ARGUMENT);
	assert_int_equal(call.violations.count, 1);
	rpc_call_fini(&call);
}

TEST_MAIN()
