/*
 * Peers made of bytes: those that break the rules or go away in the middle, at a port of ours, and
 * a server that does so to a link of ours.
 */
#include "test/integration/rpc/stage.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "rpc/frame.h"
#include "rpc/transport.h"
#include "test/support/test.h"

#include <endian.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REQ_GREETING "\0SP\0\0\x30\0\0"
#define REP_GREETING "\0SP\0\0\x31\0\0"

enum { GREETING_BYTES = 8, PATIENCE_MS = 20000, CLOSERS = 300, PIPELINED = 20 };

static char dir[] = "/tmp/canaduck-peers-XXXXXX";

static const char *new_path(void)
{
	static char     path[64];
	static unsigned n;

	snprintf(path, sizeof path, "%s/%u", dir, n++);
	return path;
}

/* ---- bytes ---- */

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	return at;
}

static int connect_to(const char *path)
{
	const struct sockaddr_un at = address_of(path);
	const int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

static void write_bytes(int fd, str bytes)
{
	assert_int_equal(send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL), bytes.len);
}

/* False at the end. */
static bool read_bytes(int fd, char *to, size_t n)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	while (n > 0) {
		ssize_t got;

		assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
		got = read(fd, to, n);
		if (got <= 0)
			return false;
		to += got;
		n -= (size_t)got;
	}
	return true;
}

/* The head of a message over ipc, of as many bytes. */
static void put_length(struct buf *b, uint64_t n)
{
	const uint64_t length = htobe64(n);

	buf_put_c(b, 1);
	buf_put_bytes(b, &length, sizeof length);
}

/* A message with one request. */
static void put_request(struct buf *b, uint64_t id, str envelope)
{
	put_length(b, 4 + RPC_MESSAGE_HEAD_BYTES + RPC_FRAME_HEAD_BYTES + envelope.len);
	buf_put(b, STR("\x80\0\0\0"));
	rpc_message_put_head(b, (struct rpc_message_head){0});
	rpc_frame_put(b, id, envelope);
}

/* ---- a port that gives requests back ---- */

struct echo {
	struct stage_thread thread;
	char                path[64], url[80];
	struct rpc_port    *port;
	atomic_uint         n_requests, n_gone;
	bool                is_idle;
	status              result;
};

static void on_request(void *arg, struct rpc_peer *peer, uint64_t call_id, str envelope)
{
	atomic_fetch_add(&((struct echo *)arg)->n_requests, 1);
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

static void drain_echo(void *arg)
{
	struct echo *e = arg;

	e->port->ops->drain(e->port);
	e->is_idle = e->port->ops->is_idle(e->port);
}

static void close_echo(void *arg)
{
	struct echo *e = arg;

	e->port->ops->close(e->port);
}

static void echo_start(struct echo *e)
{
	*e = (struct echo){0};
	snprintf(e->path, sizeof e->path, "%s", new_path());
	snprintf(e->url, sizeof e->url, "ipc://%s", e->path);
	stage_thread_init(&e->thread);
	stage_do(&e->thread, open_echo, e);
	assert_status(e->result, CODE_OK);
}

static void echo_stop(struct echo *e)
{
	stage_do(&e->thread, close_echo, e);
	stage_thread_fini(&e->thread);
}

TEST(a_peer_of_another_protocol_or_with_a_message_of_no_size_is_hung_up_on)
{
	static const str noises[] = {
	        STR("GET / HTTP/1.1\r\n\r\n"),
	        STR(REP_GREETING),
	        STR("\0SP\0\0\x20\0\0"),
	        STR(REQ_GREETING "\x02\0\0\0\0\0\0\0\x20"),       /* no message of ipc */
	        STR(REQ_GREETING "\x01\xff\xff\xff\xff\0\0\0\0"), /* without end */
	        STR(REQ_GREETING "\x01\0\0\0\0\x01\x40\0\0"),     /* longer than two frames */
	        STR(REQ_GREETING "\x01\0\0\0\0\0\0\0\x03"),       /* no room for a word */
	        STR(REQ_GREETING "\x01\0\0\0\0\0\0\0\x04\0\0\0\x01"),
	};
	struct echo e;

	echo_start(&e);
	for (unsigned i = 0; i < sizeof noises / sizeof *noises; i++) {
		const int fd = connect_to(e.path);
		char      greeting[GREETING_BYTES], byte;

		write_bytes(fd, noises[i]);
		if (read_bytes(fd, greeting, sizeof greeting))
			assert_false(read_bytes(fd, &byte, 1));
		stage_until(&e.n_gone, i + 1);
		close(fd);
	}
	assert_int_equal(atomic_load(&e.n_requests), 0);
	echo_stop(&e);
}

TEST(a_peer_that_stops_in_its_greeting_or_in_a_message_is_hung_up_on)
{
	static const str beginnings[] = {STR(""), STR("\0SP"),
	                                 STR(REQ_GREETING "\x01\0\0\0\0\0\0\0\x20\x80")};
	enum { N = sizeof beginnings / sizeof *beginnings };
	const int64_t start_ns = clock_now_ns();
	struct echo   e;
	int           fds[N];

	echo_start(&e);
	for (int i = 0; i < N; i++) {
		fds[i] = connect_to(e.path);
		write_bytes(fds[i], beginnings[i]);
	}
	stage_until(&e.n_gone, N);
	assert_true(clock_now_ns() - start_ns >= 5 * CLOCK_NS_PER_S);
	for (int i = 0; i < N; i++)
		close(fds[i]);
	echo_stop(&e);
}

/* Asks much and goes away at once, with replies under way and requests unread. */
static void ask_and_go(const char *path)
{
	AUTO(buf_fini) struct buf b = {.ceiling = SIZE_MAX};
	char                      greeting[GREETING_BYTES];
	const int                 fd = connect_to(path);

	write_bytes(fd, STR(REQ_GREETING));
	assert_true(read_bytes(fd, greeting, sizeof greeting));
	for (uint64_t id = 1; id <= PIPELINED; id++)
		put_request(&b, id, STR("hi"));
	(void)!send(fd, b.ptr, b.len, MSG_NOSIGNAL);
	close(fd);
}

static struct rpc_link *open_link(struct loop *l, const char *url,
                                  const struct rpc_link_events *events)
{
	struct rpc_link *link;

	assert_status(rpc_transport_link(l, str_c(url), NULL, events, &link), CODE_OK);
	return link;
}

struct seen {
	unsigned n_replies, n_ups, n_downs;
};

static void on_reply(void *arg, uint64_t call_id __attribute__((unused)),
                     str envelope __attribute__((unused)))
{
	((struct seen *)arg)->n_replies++;
}

static void on_no_reply(void *arg __attribute__((unused)), uint64_t call_id __attribute__((unused)),
                        bool may_have_run __attribute__((unused)))
{
}

static void on_state(void *arg, bool is_up)
{
	struct seen *s = arg;

	s->n_ups += is_up;
	s->n_downs += !is_up;
}

static void turn_until(struct loop *l, const unsigned *number, unsigned at_least)
{
	const int64_t end_ns = clock_now_ns() + PATIENCE_MS * CLOCK_NS_PER_MS;

	while (*number < at_least && clock_now_ns() < end_ns)
		loop_turn(l, 100);
	assert_true(*number >= at_least);
}

TEST(after_many_that_ask_and_go_ends_are_still_told_and_links_dial_again)
{
	struct seen                  seen = {0};
	const struct rpc_link_events events = {on_reply, on_no_reply, on_state, &seen};
	struct rpc_link             *link;
	struct loop                 *l;
	struct echo                  e;

	assert_status(loop_new(&l), CODE_OK);
	echo_start(&e);
	link = open_link(l, e.url, &events);
	turn_until(l, &seen.n_ups, 1);
	for (unsigned i = 0; i < CLOSERS; i++)
		ask_and_go(e.path);
	stage_until(&e.n_gone, CLOSERS);
	assert_status(link->ops->send(link, 7, STR("?")), CODE_OK);
	turn_until(l, &seen.n_replies, 1);
	/* The same process hears of a server's end, and finds the next one. */
	stage_do(&e.thread, close_echo, &e);
	turn_until(l, &seen.n_downs, 1);
	stage_do(&e.thread, open_echo, &e);
	assert_status(e.result, CODE_OK);
	turn_until(l, &seen.n_ups, 2);
	link->ops->close(link);
	stage_until(&e.n_gone, CLOSERS + 1);
	echo_stop(&e);
	loop_free(l);
}

TEST(a_drain_ends_though_a_peer_does_not_listen)
{
	const int64_t             start_ns = clock_now_ns();
	AUTO(buf_fini) struct buf b = {.ceiling = SIZE_MAX};
	char                      byte;
	struct echo               e;
	int                       fd;

	echo_start(&e);
	fd = connect_to(e.path);
	put_request(&b, 1, STR("hi"));
	write_bytes(fd, STR(REQ_GREETING));
	write_bytes(fd, buf_str(&b));
	stage_until(&e.n_requests, 1);
	stage_do(&e.thread, drain_echo, &e);
	assert_false(e.is_idle);
	assert_int_equal(access(e.path, F_OK), -1);
	stage_until(&e.n_gone, 1);
	assert_true(clock_now_ns() - start_ns >= 5 * CLOCK_NS_PER_S);
	stage_do(&e.thread, drain_echo, &e);
	assert_true(e.is_idle);
	while (read_bytes(fd, &byte, 1))
		;
	close(fd);
	echo_stop(&e);
}

/* ---- a link, and a server that goes away in the middle of requests ---- */

enum { CALLS = 6, CALL_BYTES = 1024 * 1024 };

struct fate {
	unsigned n_ups, n_lost;
	bool     is_lost[CALLS + 1], may_have_run[CALLS + 1];
};

static void on_lost(void *arg, uint64_t call_id, bool may_have_run)
{
	struct fate *f = arg;

	assert_in_range(call_id, 1, CALLS);
	assert_false(f->is_lost[call_id]);
	f->is_lost[call_id] = true;
	f->may_have_run[call_id] = may_have_run;
	f->n_lost++;
}

static void on_fate_state(void *arg, bool is_up)
{
	((struct fate *)arg)->n_ups += is_up;
}

struct server {
	int              listener, fd;
	struct loop     *loop;
	struct rpc_link *link;
	struct fate      fate;
};

static void meet(struct server *s)
{
	const char                  *path = new_path();
	const struct sockaddr_un     at = address_of(path);
	const struct rpc_link_events events = {on_reply, on_lost, on_fate_state, &s->fate};
	char                         url[80], greeting[GREETING_BYTES];

	*s = (struct server){.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	assert_int_equal(bind(s->listener, (const struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(s->listener, 4), 0);
	snprintf(url, sizeof url, "ipc://%s", path);
	assert_status(loop_new(&s->loop), CODE_OK);
	s->link = open_link(s->loop, url, &events);
	loop_turn(s->loop, 1000);
	s->fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
	write_bytes(s->fd, STR(REP_GREETING));
	turn_until(s->loop, &s->fate.n_ups, 1);
	assert_true(read_bytes(s->fd, greeting, sizeof greeting));
	assert_memory_equal(greeting, REQ_GREETING, sizeof greeting);
}

static void part(struct server *s)
{
	s->link->ops->close(s->link);
	close(s->listener);
	loop_free(s->loop);
}

static void send_calls(struct server *s)
{
	AUTO(mem_freep) char *data = mem_zalloc(CALL_BYTES);

	for (uint64_t id = 1; id <= CALLS; id++)
		assert_status(s->link->ops->send(s->link, id, (str){data, CALL_BYTES}), CODE_OK);
	loop_turn(s->loop, 0);
}

/* Reads one message to its end while the link writes on. */
static void take_message(struct server *s)
{
	const size_t          whole = 1 + 8 + 4 + RPC_MESSAGE_HEAD_BYTES + RPC_FRAME_HEAD_BYTES;
	AUTO(mem_freep) char *to = mem_zalloc(65536);
	size_t                left = whole + CALL_BYTES;

	while (left > 0) {
		const ssize_t n = recv(s->fd, to, left < 65536 ? left : 65536, MSG_DONTWAIT);

		if (n > 0)
			left -= (size_t)n;
		else
			loop_turn(s->loop, 100);
	}
}

TEST(only_what_was_wholly_handed_over_may_have_run)
{
	for (unsigned n_taken = 0; n_taken <= 2; n_taken++) {
		struct server s;

		meet(&s);
		send_calls(&s);
		for (unsigned i = 0; i < n_taken; i++)
			take_message(&s);
		close(s.fd);
		turn_until(s.loop, &s.fate.n_lost, CALLS);
		for (unsigned id = 1; id <= CALLS; id++)
			assert_int_equal(s.fate.may_have_run[id], id <= n_taken);
		part(&s);
	}
}

TEST(a_server_that_breaks_the_rules_is_left_and_found_again)
{
	static const str noises[] = {
	        STR("\x01\0\0\0\0\0\0\0\x05\x80\0\0\0?"), /* no message of ours */
	        STR("\x07\0\0\0\0\0\0\0\x04"),
	        STR("\x01\xff\xff\xff\xff\xff\xff\xff\xff"),
	};

	for (size_t i = 0; i < sizeof noises / sizeof *noises; i++) {
		struct server s;
		char          byte;

		meet(&s);
		write_bytes(s.fd, noises[i]);
		loop_turn(s.loop, 1000);
		assert_false(read_bytes(s.fd, &byte, 1));
		close(s.fd);
		while (poll(&(struct pollfd){.fd = s.listener, .events = POLLIN}, 1, 0) == 0)
			loop_turn(s.loop, 10);
		s.fd = accept4(s.listener, NULL, NULL, SOCK_CLOEXEC);
		write_bytes(s.fd, STR(REP_GREETING));
		turn_until(s.loop, &s.fate.n_ups, 2);
		close(s.fd);
		part(&s);
	}
}

int main(int argc, char **argv)
{
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	failed = test_run(argc, argv, NULL, NULL);
	for (unsigned n = 0; n < 32; n++) {
		char path[64];

		snprintf(path, sizeof path, "%s/%u", dir, n);
		unlink(path);
	}
	rmdir(dir);
	return failed;
}
