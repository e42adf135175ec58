#include "test/support/test.h"

#include "base/mem.h"
#include "loop/loop.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
	struct loop_watch watch;
	int               far; /* the other end of the watched socket */
	unsigned          got;
	int               n_calls;
	struct peer      *removes;
	struct peer      *pauses;
};

static struct loop *loop;

static void on_ready(struct loop_watch *w, unsigned events)
{
	struct peer *p = container_of(w, struct peer, watch);

	p->got |= events;
	p->n_calls++;
	if (p->removes)
		loop_watch_remove(loop, &p->removes->watch);
	if (p->pauses)
		loop_watch_set(loop, &p->pauses->watch, 0);
}

static void open_peer(struct peer *p, unsigned events)
{
	int fds[2];

	*p = (struct peer){0};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
	                 0);
	p->far = fds[1];
	assert_status(loop_watch_add(loop, &p->watch, fds[0], events, on_ready), CODE_OK);
}

static void close_peer(struct peer *p)
{
	loop_watch_remove(loop, &p->watch);
	close(p->watch.fd);
	if (p->far >= 0)
		close(p->far);
}

static void send_to(struct peer *p)
{
	assert_int_equal(write(p->far, "x", 1), 1);
}

TEST(a_watch_hears_of_what_it_awaits_as_long_as_it_lasts)
{
	struct peer p;
	char        c;

	assert_status(loop_new(&loop), CODE_OK);
	open_peer(&p, LOOP_READ);
	loop_turn(loop, 0);
	assert_int_equal(p.n_calls, 0);
	send_to(&p);
	loop_turn(loop, -1);
	loop_turn(loop, -1);
	assert_int_equal(p.n_calls, 2);
	assert_int_equal(p.got, LOOP_READ);
	assert_int_equal(read(p.watch.fd, &c, 1), 1);
	loop_turn(loop, 0);
	assert_int_equal(p.n_calls, 2);
	close_peer(&p);
	loop_free(loop);
}

TEST(setting_a_watch_changes_what_it_awaits)
{
	static const struct {
		unsigned awaited, got;
	} cases[] = {
	        {LOOP_WRITE, LOOP_WRITE},
	        {LOOP_READ | LOOP_WRITE, LOOP_READ | LOOP_WRITE},
	        {0, 0},
	        {LOOP_READ, LOOP_READ},
	};
	struct peer p;

	assert_status(loop_new(&loop), CODE_OK);
	open_peer(&p, LOOP_READ);
	send_to(&p);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		p.got = 0;
		loop_watch_set(loop, &p.watch, cases[i].awaited);
		loop_turn(loop, 0);
		assert_int_equal(p.got, cases[i].got);
	}
	close_peer(&p);
	loop_free(loop);
}

TEST(a_hang_up_comes_though_nothing_is_awaited)
{
	struct peer p;

	assert_status(loop_new(&loop), CODE_OK);
	open_peer(&p, 0);
	close(p.far);
	p.far = -1;
	loop_turn(loop, -1);
	assert_int_equal(p.got, LOOP_ERROR);
	close_peer(&p);
	loop_free(loop);
}

TEST(a_watch_removed_in_a_turn_does_not_get_its_fetched_event)
{
	struct peer a, b;

	assert_status(loop_new(&loop), CODE_OK);
	open_peer(&a, LOOP_READ);
	open_peer(&b, LOOP_READ);
	a.removes = &b;
	b.removes = &a;
	send_to(&a);
	send_to(&b);
	loop_turn(loop, -1);
	assert_int_equal(a.n_calls + b.n_calls, 1);
	close_peer(&a);
	close_peer(&b);
	loop_free(loop);
}

TEST(a_watch_paused_in_a_turn_does_not_get_its_fetched_event)
{
	struct peer a, b;

	assert_status(loop_new(&loop), CODE_OK);
	open_peer(&a, LOOP_READ);
	open_peer(&b, LOOP_READ);
	a.pauses = &b;
	b.pauses = &a;
	send_to(&a);
	send_to(&b);
	loop_turn(loop, -1);
	assert_int_equal(a.n_calls + b.n_calls, 1);
	close_peer(&a);
	close_peer(&b);
	loop_free(loop);
}

TEST(a_watch_may_remove_itself_and_be_added_again)
{
	struct peer p;

	assert_status(loop_new(&loop), CODE_OK);
	open_peer(&p, LOOP_READ);
	p.removes = &p;
	send_to(&p);
	loop_turn(loop, -1);
	loop_turn(loop, 0);
	assert_int_equal(p.n_calls, 1);
	assert_status(loop_watch_add(loop, &p.watch, p.watch.fd, LOOP_READ, on_ready), CODE_OK);
	loop_turn(loop, -1);
	assert_int_equal(p.n_calls, 2);
	close_peer(&p);
	loop_free(loop);
}

TEST(removing_what_is_not_watched_is_fine)
{
	struct loop_watch zeroed = {0};
	struct peer       p;

	assert_status(loop_new(&loop), CODE_OK);
	loop_watch_remove(loop, &zeroed);
	open_peer(&p, LOOP_READ);
	loop_watch_remove(loop, &p.watch);
	close_peer(&p);
	loop_free(loop);
}

TEST(a_descriptor_that_cannot_be_watched_is_refused)
{
	struct loop_watch w = {0};
	int               file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	assert_status(loop_new(&loop), CODE_OK);
	assert_status(loop_watch_add(loop, &w, -1, LOOP_READ, on_ready), CODE_UNAVAILABLE);
	assert_status(loop_watch_add(loop, &w, file, LOOP_READ, on_ready), CODE_UNAVAILABLE);
	assert_null(w.on_ready);
	close(file);
	loop_free(loop);
}

TEST(more_descriptors_are_served_than_one_wait_fetches)
{
	enum { N_PEERS = 300 };
	static struct peer peers[N_PEERS];
	int                n_served = 0;

	assert_status(loop_new(&loop), CODE_OK);
	for (size_t i = 0; i < N_PEERS; i++) {
		open_peer(&peers[i], LOOP_READ);
		send_to(&peers[i]);
	}
	for (int turn = 0; turn < 3; turn++)
		loop_turn(loop, -1);
	for (size_t i = 0; i < N_PEERS; i++) {
		n_served += peers[i].n_calls > 0;
		close_peer(&peers[i]);
	}
	assert_int_equal(n_served, N_PEERS);
	loop_free(loop);
}

TEST_MAIN()
