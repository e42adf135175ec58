/* Other nng clients that go away, break the rules or do not read, and what is left to the rest. */
#include "test/integration/rpc/foreign.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "rpc/transport.h"

enum { AT_ONCE = 16, MAX_CONNECTIONS = 256 }; /* of the port */

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
	return (struct foreign_ask){.method = trial_wait_method->name};
}

static struct foreign_ask echoing(void)
{
	return (struct foreign_ask){.method = trial_echo_method->name};
}

/* As many calls wait at once, and are let go. */
static void expect_all_slots(struct stage_server *server)
{
	const unsigned           before = atomic_load(&server->trial.waiting);
	const struct foreign_ask wait = waiting();
	struct foreign_call      calls[AT_ONCE];
	nng_socket               s = foreign_dial(server->url);

	for (unsigned i = 0; i < AT_ONCE; i++)
		foreign_start(&calls[i], s, &wait);
	stage_until(&server->trial.waiting, before + AT_ONCE);
	atomic_store(&server->trial.is_let_go, true);
	for (unsigned i = 0; i < AT_ONCE; i++) {
		rpcv1_reply *reply = foreign_finish(&calls[i]);

		assert_int_equal(reply->code, CODE_OK);
		foreign_free_reply(reply);
	}
	nng_close(s);
}

/* A port whose requests the test answers itself. */
struct answerer {
	struct stage_thread thread;
	const char         *url;
	struct rpc_port    *port;
	struct rpc_peer    *peer;
	uint64_t            call_id;
	atomic_uint         n_requests, n_gone;
	size_t              size; /* of the answer */
	bool                is_idle;
	status              result;
};

static void on_question(void *arg, struct rpc_peer *peer, uint64_t call_id,
                        str envelope __attribute__((unused)))
{
	struct answerer *a = arg;

	a->peer = peer;
	a->call_id = call_id;
	atomic_fetch_add(&a->n_requests, 1);
}

static void on_asker_gone(void *arg, struct rpc_peer *peer __attribute__((unused)))
{
	atomic_fetch_add(&((struct answerer *)arg)->n_gone, 1);
}

static void open_answerer(void *arg)
{
	struct answerer             *a = arg;
	const struct rpc_port_events events = {
	        .on_request = on_question, .on_gone = on_asker_gone, .arg = a};

	a->result = rpc_transport_listen(a->thread.loop, str_c(a->url), NULL, &events, &a->port);
}

static void answer(void *arg)
{
	struct answerer      *a = arg;
	AUTO(mem_freep) char *data = mem_zalloc(a->size);

	a->peer->port->ops->reply(a->peer, a->call_id, (str){data, a->size});
}

static void look_at(void *arg)
{
	struct answerer *a = arg;

	a->is_idle = a->port->ops->is_idle(a->port);
}

static void close_answerer(void *arg)
{
	struct answerer *a = arg;

	a->port->ops->close(a->port);
}

static void answerer_start(struct answerer *a)
{
	a->url = foreign_url();
	stage_thread_init(&a->thread);
	stage_do(&a->thread, open_answerer, a);
	assert_status(a->result, CODE_OK);
}

static void answerer_stop(struct answerer *a)
{
	stage_do(&a->thread, close_answerer, a);
	stage_thread_fini(&a->thread);
}

/* ---- gone ---- */

TEST(calls_of_clients_that_went_away_are_cancelled_and_leave_room_for_as_many_others)
{
	enum { ROUNDS = 3, MORE = 2 * AT_ONCE };
	const struct foreign_ask wait = waiting();
	struct stage_server      server = {0};

	start(&server);
	for (unsigned round = 1; round <= ROUNDS; round++) {
		int fd = foreign_connect(server.url);

		/* Those that are not called yet go away with it. */
		for (unsigned i = 0; i < MORE; i++)
			foreign_write_ask(fd, i, &wait);
		stage_until(&server.trial.waiting, round * AT_ONCE);
		close(fd);
		stage_until(&server.trial.cancelled, round * AT_ONCE);
	}
	expect_all_slots(&server);
	assert_int_equal(atomic_load(&server.trial.waiting), (ROUNDS + 1) * AT_ONCE);
	stop(&server);
}

TEST(clients_that_come_and_go_at_any_moment_leave_all_room)
{
	enum { ROUNDS = 300 };
	const struct foreign_ask echo = echoing();
	struct stage_server      server = {0};

	start(&server);
	for (unsigned round = 0; round < ROUNDS; round++) {
		int fd = foreign_connect(server.url);

		for (unsigned i = 0; i < round % 20; i++)
			foreign_write_ask(fd, i, &echo);
		if (round % 3 == 0)
			assert_true(round % 20 == 0 || foreign_read(fd, 4));
		close(fd);
	}
	expect_all_slots(&server);
	stop(&server);
}

/* ---- what breaks the protocol below the envelope ---- */

TEST(a_message_past_the_limit_costs_its_sender_the_connection)
{
	struct stage_server      server = {0};
	const struct foreign_ask echo = echoing();
	rpcv1_reply             *reply;
	nng_socket               s;
	nng_msg                 *msg;

	start(&server);
	s = foreign_dial(server.url);
	assert_int_equal(nng_msg_alloc(&msg, RPC_MAX_FRAME + 1), 0);
	assert_int_equal(foreign_exchange(s, msg, &reply), NNG_ECONNRESET);
	/* The socket dials again. */
	assert_int_equal(foreign_ask(s, &echo, NULL), CODE_OK);
	nng_close(s);
	expect_all_slots(&server);
	stop(&server);
}

TEST(bytes_that_are_no_message_of_a_req_socket_cost_the_connection_and_nothing_else)
{
	static const str bodies[] = {
	        STR(""), STR("\x80"), STR("\x80\0\0"), STR("\0\0\0\1"), STR("GET"),
	};
	struct stage_server server = {0};

	start(&server);
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies * AT_ONCE; i++) {
		int fd = foreign_connect(server.url);

		foreign_write(fd, bodies[i % (sizeof bodies / sizeof *bodies)]);
		foreign_expect_end(fd);
	}
	expect_all_slots(&server);
	stop(&server);
}

TEST(connections_past_the_limit_are_hung_up_on)
{
	const struct foreign_ask echo = echoing();
	struct answerer          a = {.size = 1};
	int                      fds[MAX_CONNECTIONS], fd;

	answerer_start(&a);
	for (unsigned i = 0; i < MAX_CONNECTIONS; i++)
		fds[i] = foreign_connect(a.url);
	foreign_expect_end(foreign_connect_mutely(a.url));
	for (unsigned i = 0; i < MAX_CONNECTIONS; i++)
		close(fds[i]);
	stage_until(&a.n_gone, MAX_CONNECTIONS);
	fd = foreign_connect(a.url);
	foreign_write_ask(fd, 1, &echo);
	stage_until(&a.n_requests, 1);
	stage_do(&a.thread, answer, &a);
	assert_true(foreign_read(fd, 4 + 1));
	close(fd);
	answerer_stop(&a);
}

TEST(what_greets_as_no_req_socket_is_hung_up_on)
{
	static const char   greetings[][9] = {"GET / HT", "\0SP\0\0\x20\0", "\0SP\1\0\x30\0",
	                                      "\x16\x03\x01\x02\0\x01\0\x01"};
	struct stage_server server = {0};

	start(&server);
	for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++) {
		int  fd = foreign_connect_mutely(server.url);
		char greeting[8];

		assert_int_equal(read(fd, greeting, sizeof greeting), sizeof greeting);
		assert_int_equal(write(fd, greetings[i], 8), 8);
		foreign_expect_end(fd);
	}
	expect_all_slots(&server);
	stop(&server);
}

/* ---- standing still ---- */

TEST(a_client_that_stops_half_way_is_hung_up_on)
{
	struct answerer          a = {.size = RPC_MAX_FRAME};
	const struct foreign_ask echo = echoing();
	int64_t                  start_ns = clock_now_ns();
	int                      mute, half, deaf, fine;

	answerer_start(&a);
	fine = foreign_connect(a.url);
	mute = foreign_connect_mutely(a.url); /* does not greet */
	half = foreign_connect(a.url);        /* begins a message */
	assert_int_equal(write(half, "\1\0\0", 3), 3);
	deaf = foreign_connect(a.url); /* does not read its answer */
	foreign_write_ask(deaf, 1, &echo);
	stage_until(&a.n_requests, 1);
	stage_do(&a.thread, answer, &a);
	stage_until(&a.n_gone, 3);
	assert_in_range((clock_now_ns() - start_ns) / CLOCK_NS_PER_MS, 4900, 9000);
	foreign_write_ask(fine, 2, &echo);
	stage_until(&a.n_requests, 2);
	stage_do(&a.thread, answer, &a);
	assert_true(foreign_read(fine, RPC_MAX_FRAME + 4));
	close(mute);
	close(half);
	close(deaf);
	close(fine);
	answerer_stop(&a);
}

TEST(answers_that_nobody_reads_do_not_pile_up)
{
	enum { DEAF = 24 };
	const struct foreign_ask echo = echoing();
	struct answerer          a = {.size = RPC_MAX_FRAME};
	unsigned                 n = 0;
	int                      deaf[DEAF], fine;

	answerer_start(&a);
	fine = foreign_connect(a.url);
	/* Past 64 MiB calls wait until somebody who does not read was hung up on. */
	while (n < DEAF && atomic_load(&a.n_gone) == 0) {
		deaf[n] = foreign_connect(a.url);
		foreign_write_ask(deaf[n], 1, &echo);
		stage_until(&a.n_requests, ++n);
		stage_do(&a.thread, answer, &a);
	}
	assert_in_range(atomic_load(&a.n_gone), 1, n);
	assert_in_range(n, 9, DEAF);
	a.size = 1;
	foreign_write_ask(fine, 1, &echo);
	stage_until(&a.n_requests, n + 1);
	stage_do(&a.thread, answer, &a);
	assert_true(foreign_read(fine, 4 + 1));
	while (n > 0)
		close(deaf[--n]);
	close(fine);
	answerer_stop(&a);
}

TEST(a_client_that_does_not_read_holds_up_nobody_else)
{
	const struct foreign_ask echo = echoing();
	struct answerer          a = {.size = RPC_MAX_FRAME};
	int                      deaf, fine;

	answerer_start(&a);
	fine = foreign_connect(a.url);
	deaf = foreign_connect(a.url);
	foreign_write_ask(deaf, 1, &echo);
	stage_until(&a.n_requests, 1);
	stage_do(&a.thread, answer, &a);
	a.size = 1;
	for (unsigned i = 0; i < AT_ONCE; i++)
		foreign_write_ask(deaf, i, &echo);
	for (unsigned i = 0; i < AT_ONCE; i++) {
		foreign_write_ask(fine, i, &echo);
		stage_until(&a.n_requests, i + 2);
		stage_do(&a.thread, answer, &a);
		assert_true(foreign_read(fine, 4 + 1));
	}
	assert_int_equal(atomic_load(&a.n_gone), 0);
	close(deaf);
	close(fine);
	answerer_stop(&a);
}

/* ---- the end ---- */

TEST(a_server_that_drains_refuses_what_comes_and_answers_what_it_has)
{
	const struct foreign_ask wait = waiting(), echo = echoing();
	struct stage_server      server = {0};
	struct foreign_call      call;
	rpcv1_reply             *reply;
	nng_socket               s;
	bool                     not_executed = false;

	start(&server);
	s = foreign_dial(server.url);
	foreign_start(&call, s, &wait);
	stage_until(&server.trial.waiting, 1);
	stage_server_drain(&server);
	for (unsigned i = 0; i < 2 * AT_ONCE; i++) {
		assert_int_equal(foreign_ask(s, &echo, &not_executed), CODE_UNAVAILABLE);
		assert_true(not_executed);
	}
	assert_int_equal(foreign_connect_mutely(server.url), -1);
	atomic_store(&server.trial.is_let_go, true);
	reply = foreign_finish(&call);
	assert_int_equal(reply->code, CODE_OK);
	foreign_free_reply(reply);
	stop(&server);
	nng_close(s);
}

TEST(a_port_is_not_idle_while_an_answer_is_on_its_way)
{
	const struct foreign_ask echo = echoing();
	struct answerer          a = {.size = RPC_MAX_FRAME};
	int64_t                  end_ns = clock_after_ms(10000);
	int                      fd;

	answerer_start(&a);
	fd = foreign_connect(a.url);
	stage_do(&a.thread, look_at, &a);
	assert_true(a.is_idle);
	foreign_write_ask(fd, 1, &echo);
	stage_until(&a.n_requests, 1);
	stage_do(&a.thread, look_at, &a);
	assert_false(a.is_idle);
	stage_do(&a.thread, answer, &a);
	stage_do(&a.thread, look_at, &a);
	assert_false(a.is_idle);
	assert_true(foreign_read(fd, RPC_MAX_FRAME + 4));
	while (!a.is_idle && clock_now_ns() < end_ns)
		stage_do(&a.thread, look_at, &a);
	assert_true(a.is_idle);
	close(fd);
	answerer_stop(&a);
}

TEST(an_answer_past_the_limit_costs_the_connection)
{
	const struct foreign_ask echo = echoing();
	struct answerer          a = {.size = RPC_MAX_FRAME + 1};

	answerer_start(&a);
	for (unsigned i = 1; i <= 2 * AT_ONCE; i++) {
		int fd = foreign_connect(a.url);

		foreign_write_ask(fd, i, &echo);
		stage_until(&a.n_requests, i);
		stage_do(&a.thread, answer, &a);
		foreign_expect_end(fd);
		stage_until(&a.n_gone, i);
	}
	answerer_stop(&a);
}

TEST(a_port_closes_at_any_moment_within_its_time)
{
	const struct foreign_ask echo = echoing();

	for (unsigned round = 0; round < 8; round++) {
		struct answerer a = {.size = RPC_MAX_FRAME};
		int64_t         start_ns;
		int             fds[3];

		answerer_start(&a);
		for (unsigned i = 0; i < 3; i++)
			fds[i] = foreign_connect(a.url);
		foreign_write_ask(fds[0], 1, &echo);
		stage_until(&a.n_requests, 1);
		for (unsigned i = 0; i < 2 * AT_ONCE && round % 2; i++)
			foreign_write_ask(fds[1], i, &echo);
		if (round % 4 >= 2)
			stage_do(&a.thread, answer, &a);
		start_ns = clock_now_ns();
		answerer_stop(&a);
		assert_in_range((clock_now_ns() - start_ns) / CLOCK_NS_PER_MS, 0, 4000);
		for (unsigned i = 0; i < 3; i++)
			close(fds[i]);
	}
}

int main(int argc, char **argv)
{
	return foreign_main(argc, argv);
}
