/* What other nng clients get of a service: each answer to its request, and refusals as everybody.
 */
#include "test/integration/rpc/foreign.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "rpc/transport.h"

enum { AT_ONCE = 16 }; /* of the port: calls at once */

static void start(struct stage_server *s)
{
	stage_server_start(s, foreign_url());
}

static void stop(struct stage_server *s)
{
	atomic_store(&s->trial.is_let_go, true);
	stage_server_stop(s);
}

static struct foreign_ask waiting(void)
{
	static trial_wait_request req;

	trial_wait_request_init(&req);
	return (struct foreign_ask){.method = trial_wait_method->name, .request = &req.base};
}

static trial_echo_response *read_echo(const rpcv1_reply *reply)
{
	ProtobufCMessage *response =
	        protobuf_c_message_unpack(trial_echo_response_schema.descriptor, NULL,
	                                  reply->payload.len, reply->payload.data);

	assert_non_null(response);
	return (trial_echo_response *)response;
}

static trial_echo_request echo_request(const void *data, size_t n)
{
	trial_echo_request req;

	trial_echo_request_init(&req);
	req.data = (ProtobufCBinaryData){n, (uint8_t *)(uintptr_t)data};
	return req;
}

static void expect_echo(nng_socket s, const void *data, size_t n)
{
	trial_echo_request       req = echo_request(data, n);
	const struct foreign_ask ask = {.method = trial_echo_method->name, .request = &req.base};
	trial_echo_response     *response;
	rpcv1_reply             *reply;

	assert_int_equal(foreign_exchange(s, foreign_envelope(&ask), &reply), 0);
	assert_int_equal(reply->code, CODE_OK);
	response = read_echo(reply);
	assert_int_equal(response->data.len, n);
	if (n)
		assert_memory_equal(response->data.data, data, n);
	protobuf_c_message_free_unpacked(&response->base, NULL);
	foreign_free_reply(reply);
}

TEST(one_message_is_one_request_and_its_answer_one_message)
{
	static const size_t      sizes[] = {0, 1, 200, 65536, 7 * 1024 * 1024};
	const size_t             largest = sizes[sizeof sizes / sizeof *sizes - 1];
	AUTO(mem_freep) uint8_t *data = mem_zalloc(largest);
	struct stage_server      server = {0};
	nng_socket               s;

	for (size_t i = 0; i < largest; i++)
		data[i] = (uint8_t)(i * 31);
	start(&server);
	s = foreign_dial(server.url);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		expect_echo(s, data, sizes[i]);
	nng_close(s);
	stop(&server);
}

/* ---- many ---- */

enum { SOCKETS = 4, CALLS = 256, ROUNDS = 8 };

static void start_marks(struct foreign_call *calls, const nng_socket *sockets, unsigned first)
{
	trial_mark_request       req;
	const struct foreign_ask ask = {.method = trial_mark_method->name, .request = &req.base};

	trial_mark_request_init(&req);
	for (unsigned i = 0; i < CALLS; i++) {
		req.number = first + i;
		foreign_start(&calls[i], sockets[i % SOCKETS], &ask);
	}
}

static void start_echoes(struct foreign_call *calls, const nng_socket *sockets)
{
	for (unsigned i = 0; i < CALLS; i++) {
		trial_echo_request       req = echo_request(&i, sizeof i);
		const struct foreign_ask ask = {.method = trial_echo_method->name,
		                                .request = &req.base};

		foreign_start(&calls[i], sockets[i % SOCKETS], &ask);
	}
}

static void expect_echo_of(unsigned number, struct foreign_call *call)
{
	rpcv1_reply         *reply = foreign_finish(call);
	trial_echo_response *response = read_echo(reply);

	assert_int_equal(response->data.len, sizeof number);
	assert_memory_equal(response->data.data, &number, sizeof number);
	protobuf_c_message_free_unpacked(&response->base, NULL);
	foreign_free_reply(reply);
}

TEST(calls_of_many_clients_at_once_are_executed_once_and_get_each_its_own_answer)
{
	struct foreign_call calls[CALLS];
	struct stage_server server = {0};
	nng_socket          sockets[SOCKETS];

	start(&server);
	for (unsigned i = 0; i < SOCKETS; i++)
		sockets[i] = foreign_dial(server.url);
	for (unsigned round = 0; round < ROUNDS; round++) {
		start_marks(calls, sockets, round * CALLS);
		for (unsigned i = 0; i < CALLS; i++) {
			rpcv1_reply *reply = foreign_finish(&calls[i]);

			assert_int_equal(reply->code, CODE_OK);
			foreign_free_reply(reply);
		}
		start_echoes(calls, sockets);
		for (unsigned i = 0; i < CALLS; i++)
			expect_echo_of(i, &calls[i]);
	}
	for (unsigned i = 0; i < ROUNDS * CALLS; i++)
		assert_int_equal(atomic_load(&server.trial.marks[i]), 1);
	for (unsigned i = 0; i < SOCKETS; i++)
		nng_close(sockets[i]);
	stop(&server);
}

TEST(slow_calls_leave_room_for_others_until_no_more_may_run_at_once)
{
	const struct foreign_ask wait = waiting();
	struct foreign_call      calls[2 * AT_ONCE];
	struct stage_server      server = {0};
	nng_socket               slow, other;
	rpcv1_reply             *reply;
	nng_msg                 *answer;

	start(&server);
	slow = foreign_dial(server.url);
	other = foreign_dial(server.url);
	for (unsigned i = 0; i < AT_ONCE - 1; i++)
		foreign_start(&calls[i], slow, &wait);
	stage_until(&server.trial.waiting, AT_ONCE - 1);
	expect_echo(other, "quick", 5);

	/* More than that wait outside, and are answered when it is their turn. */
	for (unsigned i = AT_ONCE - 1; i < 2 * AT_ONCE; i++)
		foreign_start(&calls[i], slow, &wait);
	stage_until(&server.trial.waiting, AT_ONCE);
	assert_int_equal(nng_sendmsg(other, foreign_envelope(&wait), 0), 0);
	assert_int_equal(nng_socket_set_ms(other, NNG_OPT_RECVTIMEO, 100), 0);
	assert_int_equal(nng_recvmsg(other, &answer, 0), NNG_ETIMEDOUT);
	assert_int_equal(atomic_load(&server.trial.waiting), AT_ONCE);
	atomic_store(&server.trial.is_let_go, true);
	for (unsigned i = 0; i < 2 * AT_ONCE; i++) {
		reply = foreign_finish(&calls[i]);
		assert_int_equal(reply->code, CODE_OK);
		foreign_free_reply(reply);
	}
	nng_close(slow);
	nng_close(other);
	stop(&server);
}

/* ---- refusals ---- */

TEST(a_deadline_in_the_envelope_holds)
{
	struct foreign_ask  ask = waiting();
	struct stage_server server = {0};
	nng_socket          s;

	ask.timeout_ms = 50;
	start(&server);
	s = foreign_dial(server.url);
	for (unsigned i = 0; i < 2 * AT_ONCE; i++)
		assert_int_equal(foreign_ask(s, &ask, NULL), CODE_DEADLINE_EXCEEDED);
	assert_int_equal(atomic_load(&server.trial.waiting), 2 * AT_ONCE);
	nng_close(s);
	stop(&server);
}

static struct identity_sealed seal(struct arena *a, const struct identity_keys *keys,
                                   const struct identity *who)
{
	struct identity_sealed sealed;

	assert_status(identity_seal(keys, who, clock_wall_us() / 1000000, 30, 0, a, &sealed),
	              CODE_OK);
	return sealed;
}

TEST(what_needs_an_identity_takes_none_that_is_not_sealed_by_the_key)
{
	static const struct identity person = {.kind = IDENTITY_ACCOUNT, .account_id = 42};
	static const struct identity service = {.kind = IDENTITY_SERVICE, .name = STR("elsewhere")};
	const struct identity_keys   wrong_keys = {.current = {9, 9, 9}, .current_id = 7};
	struct stage_server          server = {0};
	struct arena                 a;
	nng_socket                   s;

	arena_init(&a, 65536);
	const struct identity_sealed none = {0};
	const struct identity_sealed good = seal(&a, &stage_keys, &person);
	const struct identity_sealed of_service = seal(&a, &stage_keys, &service);
	const struct identity_sealed other = seal(&a, &wrong_keys, &person);
	const struct identity_sealed unsealed = {.identity = good.identity};
	const struct identity_sealed swapped = {of_service.identity, good.mac};
	const struct {
		const struct rpc_method *method;
		struct identity_sealed   sealed;
		enum code                code;
	} cases[] = {
	        {trial_echo_method, none, CODE_OK},
	        {trial_echo_method, good, CODE_OK},
	        {trial_whoami_method, none, CODE_UNAUTHENTICATED},
	        {trial_whoami_method, unsealed, CODE_UNAUTHENTICATED},
	        {trial_whoami_method, other, CODE_UNAUTHENTICATED},
	        {trial_whoami_method, swapped, CODE_UNAUTHENTICATED},
	        {trial_whoami_method, good, CODE_OK},
	        {trial_rule_method, good, CODE_PERMISSION_DENIED},
	        {trial_inside_method, none, CODE_PERMISSION_DENIED},
	        {trial_inside_method, swapped, CODE_UNAUTHENTICATED},
	        {trial_inside_method, good, CODE_PERMISSION_DENIED},
	        {trial_inside_method, of_service, CODE_OK},
	};

	start(&server);
	s = foreign_dial(server.url);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct foreign_ask ask = {.method = cases[i].method->name,
		                                .sealed = cases[i].sealed};

		assert_int_equal(foreign_ask(s, &ask, NULL), cases[i].code);
	}
	nng_close(s);
	stop(&server);
	arena_fini(&a);
}

TEST(what_is_no_request_is_answered_too)
{
	static const struct {
		str       body;
		enum code code;
	} cases[] = {
	        {STR(""), CODE_UNIMPLEMENTED},
	        {STR("\x0a\x01/"), CODE_UNIMPLEMENTED},
	        {STR("\x0a\x08/a.B/Not"), CODE_UNIMPLEMENTED},
	        {STR("GET / HTTP/1.1\r\n\r\n"), CODE_INVALID_ARGUMENT},
	        {STR("{\"method\":\"/trial.v1.Trial/Echo\"}"), CODE_INVALID_ARGUMENT},
	        {STR("\0"), CODE_INVALID_ARGUMENT},
	        {STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), CODE_INVALID_ARGUMENT},
	        {STR("\x0a\x7f/"), CODE_INVALID_ARGUMENT},
	        {STR("\x0a\x02\xc3\x28"), CODE_INVALID_ARGUMENT},
	        {STR("\x0a\x03/\0a"), CODE_INVALID_ARGUMENT},
	        {STR("\x01\0\0\0\0\0\0\0"), CODE_INVALID_ARGUMENT},
	        {STR("\x0a\x14/trial.v1.Trial/Echo\x1a\x02\x0a\x7f"), CODE_INVALID_ARGUMENT},
	};
	struct stage_server server = {0};
	nng_socket          s;

	start(&server);
	s = foreign_dial(server.url);
	/* Each more often than calls may run at once. */
	for (size_t i = 0; i < sizeof cases / sizeof *cases * (AT_ONCE + 1); i++) {
		const size_t k = i % (sizeof cases / sizeof *cases);
		rpcv1_reply *reply;
		nng_msg     *msg;

		assert_int_equal(nng_msg_alloc(&msg, 0), 0);
		assert_int_equal(nng_msg_append(msg, cases[k].body.ptr, cases[k].body.len), 0);
		assert_int_equal(foreign_exchange(s, msg, &reply), 0);
		assert_int_equal(reply->code, cases[k].code);
		foreign_free_reply(reply);
	}
	expect_echo(s, "still there", 11);
	nng_close(s);
	stop(&server);
}

TEST(a_request_with_any_byte_changed_or_cut_anywhere_is_answered)
{
	trial_echo_request       req = echo_request("payload", 7);
	const struct foreign_ask ask = {
	        .method = trial_echo_method->name, .request = &req.base, .timeout_ms = 1000};
	nng_msg            *whole = foreign_envelope(&ask), *msg;
	struct stage_server server = {0};
	rpcv1_reply        *reply;
	nng_socket          s;

	start(&server);
	s = foreign_dial(server.url);
	for (size_t at = 0; at < nng_msg_len(whole); at++) {
		static const uint8_t changes[] = {0x01, 0x07, 0x80, 0xff};

		for (size_t i = 0; i < sizeof changes; i++) {
			assert_int_equal(nng_msg_dup(&msg, whole), 0);
			((uint8_t *)nng_msg_body(msg))[at] ^= changes[i];
			assert_int_equal(foreign_exchange(s, msg, &reply), 0);
			foreign_free_reply(reply);
		}
		assert_int_equal(nng_msg_dup(&msg, whole), 0);
		assert_int_equal(nng_msg_chop(msg, nng_msg_len(whole) - at), 0);
		assert_int_equal(foreign_exchange(s, msg, &reply), 0);
		if (at < 2 + strlen(ask.method))
			assert_int_not_equal(reply->code, CODE_OK);
		foreign_free_reply(reply);
	}
	nng_msg_free(whole);
	nng_close(s);
	stop(&server);
}

int main(int argc, char **argv)
{
	return foreign_main(argc, argv);
}
