/*
 * What ports and links say to nng's own raw sockets, as other releases use them, byte by byte; and
 * to those that break the rules of what travels in messages.
 */
#include "test/integration/rpc/stage.h"

#include "base/clock.h"
#include "rpc/transport.h"
#include "test/support/test.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
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

/* ---- a link, and nng's REP socket ---- */

struct asker {
	unsigned n_ups, n_downs, n_replies, n_lost;
};

static void on_reply(void *arg, uint64_t call_id, str envelope)
{
	((struct asker *)arg)->n_replies += call_id == 9 && str_eq(envelope, STR("hi"));
}

static void on_lost(void *arg, uint64_t call_id, bool may_have_run)
{
	((struct asker *)arg)->n_lost += call_id == 10 && may_have_run;
}

static void on_state(void *arg, bool is_up)
{
	((struct asker *)arg)->n_ups += is_up;
	((struct asker *)arg)->n_downs += !is_up;
}

static void turn_until(struct loop *l, const unsigned *number, unsigned at_least)
{
	const int64_t end_ns = clock_now_ns() + 20 * CLOCK_NS_PER_S;

	while (*number < at_least && clock_now_ns() < end_ns)
		loop_turn(l, 100);
	assert_true(*number >= at_least);
}

static nng_socket listen_at(const char *url)
{
	nng_socket s;

	assert_int_equal(nng_rep0_open_raw(&s), 0);
	assert_int_equal(nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, 10000), 0);
	assert_int_equal(nng_listen(s, url, NULL, 0), 0);
	return s;
}

static nng_msg *expect_request(nng_socket s, str body)
{
	nng_msg *msg;

	assert_int_equal(nng_recvmsg(s, &msg, 0), 0);
	assert_int_equal(nng_msg_len(msg), body.len);
	assert_memory_equal(nng_msg_body(msg), body.ptr, body.len);
	return msg;
}

TEST(a_link_speaks_with_nngs_own_socket_and_finds_it_again)
{
	struct asker                 asker = {0};
	const struct rpc_link_events events = {on_reply, on_lost, on_state, &asker};
	char                         url[64];
	struct rpc_link             *link;
	struct loop                 *l;
	nng_socket                   s;

	snprintf(url, sizeof url, "ipc://%s/rep", dir);
	assert_status(loop_new(&l), CODE_OK);
	s = listen_at(url);
	assert_status(rpc_transport_link(l, str_c(url), NULL, &events, &link), CODE_OK);
	turn_until(l, &asker.n_ups, 1);
	assert_status(link->ops->send(link, 9, STR("hi")), CODE_OK);
	loop_turn(l, 0);
	/* What came goes back as it is: the reply begins with the words of its request. */
	assert_int_equal(nng_sendmsg(s, expect_request(s, STR(HEAD FRAME)), 0), 0);
	turn_until(l, &asker.n_replies, 1);
	assert_status(link->ops->send(link, 10, STR("hi")), CODE_OK);
	loop_turn(l, 0);
	nng_msg_free(expect_request(s, STR(ACK("\x01") "\0\0\0\x02\0\0\0\0\0\0\0\x0ahi")));
	nng_close(s);
	turn_until(l, &asker.n_downs, 1);
	assert_int_equal(asker.n_lost, 1);
	s = listen_at(url);
	turn_until(l, &asker.n_ups, 2);
	link->ops->close(link);
	nng_close(s);
	loop_free(l);
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
