/* What ports say to peers of other releases and to peers that break the rules, byte by byte. */
#include "test/integration/rpc/stage.h"

#include "base/clock.h"
#include "rpc/transport.h"
#include "test/support/test.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HEAD   "\x01\0\0\0\0\0\0\0"
#define FRAME  "\0\0\0\x02\0\0\0\0\0\0\0\x09hi"
#define ACK(n) "\x01\0\0\0\0\0\0" n

static char dir[] = "/tmp/canaduck-wire-XXXXXX";

/* ---- a port that gives requests back ---- */

struct echo {
	struct stage_thread thread;
	char                url[64];
	struct rpc_port    *port;
	atomic_uint         n_gone;
	status              result;
};

static void on_request(void *arg __attribute__((unused)), struct rpc_peer *peer, uint64_t call_id,
                       str envelope)
{
	peer->port->ops->reply(peer, call_id, envelope);
}

static void on_gone(void *arg, struct rpc_peer *peer __attribute__((unused)))
{
	atomic_fetch_add(&((struct echo *)arg)->n_gone, 1);
}

static void open_echo(void *arg)
{
	struct echo                 *e = arg;
	const struct rpc_port_events events = {
	        .on_request = on_request, .on_gone = on_gone, .arg = e};

	e->result = rpc_transport_listen(e->thread.loop, str_c(e->url), NULL, &events, &e->port);
}

static void close_echo(void *arg)
{
	struct echo *e = arg;

	e->port->ops->close(e->port);
}

static void echo_start(struct echo *e)
{
	static unsigned n;

	*e = (struct echo){0};
	snprintf(e->url, sizeof e->url, "ipc://%s/%u", dir, n++);
	stage_thread_init(&e->thread);
	stage_do(&e->thread, open_echo, e);
	assert_status(e->result, CODE_OK);
}

static void echo_stop(struct echo *e)
{
	stage_do(&e->thread, close_echo, e);
	stage_thread_fini(&e->thread);
}

/* ---- a peer made by hand ---- */

static nng_socket connect_to(const struct echo *e)
{
	nng_socket s;

	assert_int_equal(nng_req0_open_raw(&s), 0);
	assert_int_equal(nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, 10000), 0);
	assert_int_equal(nng_dial(s, e->url, NULL, 0), 0);
	return s;
}

static void send_bytes(nng_socket s, str body)
{
	nng_msg *msg;

	assert_int_equal(nng_msg_alloc(&msg, 0), 0);
	assert_int_equal(nng_msg_append(msg, body.ptr, body.len), 0);
	assert_int_equal(nng_msg_header_append_u32(msg, UINT32_C(0x80000000)), 0);
	assert_int_equal(nng_sendmsg(s, msg, 0), 0);
}

static void expect_bytes(nng_socket s, str body)
{
	nng_msg *msg;

	assert_int_equal(nng_recvmsg(s, &msg, 0), 0);
	assert_int_equal(nng_msg_len(msg), body.len);
	assert_memory_equal(nng_msg_body(msg), body.ptr, body.len);
	nng_msg_free(msg);
}

TEST(a_frame_travels_as_documented_and_flags_of_later_releases_are_tolerated)
{
	static const str bodies[] = {STR(HEAD FRAME), STR("\x01\xff\xff\xff\0\0\0\x01" FRAME),
	                             STR(ACK("\x02") FRAME)};
	struct echo      e;
	nng_socket       s;

	echo_start(&e);
	s = connect_to(&e);
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		send_bytes(s, bodies[i]);
		expect_bytes(s, STR(HEAD FRAME));
	}
	assert_int_equal(atomic_load(&e.n_gone), 0);
	nng_close(s);
	echo_stop(&e);
}

TEST(a_peer_that_breaks_the_rules_is_hung_up_on)
{
	static const str bodies[] = {
	        STR("\x02\0\0\0\0\0\0\0" FRAME),            /* another version */
	        STR("\x01\0\0"),                            /* cut short */
	        STR(HEAD "\0\0\0\x03\0\0\0\0\0\0\0\x09hi"), /* longer than it is */
	        STR(ACK("\x01") FRAME),                     /* acknowledges what was not sent */
	};

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct echo e;
		nng_socket  s;

		echo_start(&e);
		s = connect_to(&e);
		send_bytes(s, bodies[i]);
		stage_until(&e.n_gone, 1);
		nng_close(s);
		echo_stop(&e);
	}
}

TEST(no_more_reply_messages_leave_than_may_be_unacknowledged)
{
	nng_socket  s;
	nng_msg    *msg;
	struct echo e;

	echo_start(&e);
	s = connect_to(&e);
	for (int i = 0; i < 4; i++) {
		send_bytes(s, STR(HEAD FRAME));
		expect_bytes(s, STR(HEAD FRAME));
	}
	/* These two wait, until the acknowledgement lets them out: together. */
	send_bytes(s, STR(HEAD FRAME));
	send_bytes(s, STR(HEAD FRAME));
	assert_int_equal(nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, 100), 0);
	assert_int_equal(nng_recvmsg(s, &msg, 0), NNG_ETIMEDOUT);
	send_bytes(s, STR(ACK("\x04")));
	assert_int_equal(nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, 10000), 0);
	expect_bytes(s, STR(HEAD FRAME FRAME));
	nng_close(s);
	echo_stop(&e);
}

TEST(a_peer_that_lets_replies_wait_and_acknowledges_none_is_hung_up_on)
{
	int64_t     start_ns = clock_now_ns();
	nng_socket  s;
	struct echo e;

	echo_start(&e);
	s = connect_to(&e);
	for (int i = 0; i < 4; i++) {
		send_bytes(s, STR(HEAD FRAME));
		expect_bytes(s, STR(HEAD FRAME));
	}
	send_bytes(s, STR(HEAD FRAME));
	stage_until(&e.n_gone, 1);
	assert_true(clock_now_ns() - start_ns >= 5 * CLOCK_NS_PER_S);
	nng_close(s);
	echo_stop(&e);
}

int main(int argc, char **argv)
{
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	failed = test_run(argc, argv, NULL, NULL);
	rmdir(dir);
	return failed;
}
