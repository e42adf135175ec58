/* What is the inproc transport's own; the rest is the conformance suite's. */
#include "rpc/transport.h"

#include "loop/loop.h"
#include "test/support/test.h"

struct ends {
	struct loop     *loop;
	struct rpc_port *port;
	struct rpc_link *link;
	unsigned         n_requests, n_lost, n_maybe_run, n_state;
};

static void on_request(void *arg, struct rpc_peer *peer __attribute__((unused)),
                       uint64_t id __attribute__((unused)), str envelope __attribute__((unused)))
{
	((struct ends *)arg)->n_requests++;
}

static void on_gone(void            *arg __attribute__((unused)),
                    struct rpc_peer *peer __attribute__((unused)))
{
}

static void on_reply(void *arg __attribute__((unused)), uint64_t id __attribute__((unused)),
                     str envelope __attribute__((unused)))
{
}

static void on_lost(void *arg, uint64_t id __attribute__((unused)), bool may_have_run)
{
	struct ends *e = arg;

	e->n_lost++;
	e->n_maybe_run += may_have_run;
}

static void on_state(void *arg, bool is_up __attribute__((unused)))
{
	((struct ends *)arg)->n_state++;
}

static status listen_at(struct ends *e, str url, struct rpc_port **out_port)
{
	const struct rpc_port_events events = {
	        .on_request = on_request, .on_gone = on_gone, .arg = e};

	return rpc_transport_listen(e->loop, url, NULL, &events, out_port);
}

static status link_to(struct ends *e, str url)
{
	const struct rpc_link_events events = {on_reply, on_lost, on_state, e};

	return rpc_transport_link(e->loop, url, NULL, &events, &e->link);
}

TEST(an_address_of_no_transport_is_refused)
{
	static const str urls[] = {STR(""), STR("inproc:"), STR("inproc://"), STR("users"),
	                           STR("http://localhost")};
	struct ends      e = {0};

	assert_status(loop_new(&e.loop), CODE_OK);
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		assert_status(listen_at(&e, urls[i], &e.port), CODE_INVALID_ARGUMENT);
		assert_status(link_to(&e, urls[i]), CODE_INVALID_ARGUMENT);
	}
	loop_free(e.loop);
}

TEST(a_name_is_taken_until_its_port_drains_or_closes)
{
	struct ends      e = {0};
	struct rpc_port *second, *third;

	assert_status(loop_new(&e.loop), CODE_OK);
	assert_status(listen_at(&e, STR("inproc://a"), &e.port), CODE_OK);
	assert_status(listen_at(&e, STR("inproc://a"), &second), CODE_ALREADY_EXISTS);
	e.port->ops->drain(e.port);
	assert_status(listen_at(&e, STR("inproc://a"), &second), CODE_OK);
	second->ops->close(second);
	assert_status(listen_at(&e, STR("inproc://a"), &third), CODE_OK);
	third->ops->close(third);
	e.port->ops->close(e.port);
	loop_free(e.loop);
}

TEST(only_frames_that_the_port_took_may_have_run)
{
	struct ends e = {0};

	assert_status(loop_new(&e.loop), CODE_OK);
	assert_status(listen_at(&e, STR("inproc://a"), &e.port), CODE_OK);
	assert_status(link_to(&e, STR("inproc://a")), CODE_OK);
	while (!e.link->is_up)
		loop_turn(e.loop, 100);
	for (uint64_t id = 1; id <= 3; id++)
		assert_status(e.link->ops->send(e.link, id, STR("x")), CODE_OK);
	while (e.n_requests < 3)
		loop_turn(e.loop, 100);
	for (uint64_t id = 4; id <= 5; id++)
		assert_status(e.link->ops->send(e.link, id, STR("x")), CODE_OK);
	e.port->ops->close(e.port);
	assert_status(e.link->ops->send(e.link, 6, STR("x")), CODE_UNAVAILABLE);
	while (e.link->is_up)
		loop_turn(e.loop, 100);
	assert_int_equal(e.n_requests, 3);
	assert_int_equal(e.n_lost, 5);
	assert_int_equal(e.n_maybe_run, 3);
	assert_int_equal(e.n_state, 2);
	e.link->ops->close(e.link);
	loop_free(e.loop);
}

TEST(frames_past_the_bound_are_refused_at_once)
{
	struct ends e = {0};
	unsigned    n_sent = 0;

	assert_status(loop_new(&e.loop), CODE_OK);
	assert_status(listen_at(&e, STR("inproc://a"), &e.port), CODE_OK);
	assert_status(link_to(&e, STR("inproc://a")), CODE_OK);
	while (!e.link->is_up)
		loop_turn(e.loop, 100);
	while (n_sent < 100000 && e.link->ops->send(e.link, n_sent + 1, STR("x")).code == CODE_OK)
		n_sent++;
	assert_in_range(n_sent, 1000, 99999);
	while (e.n_requests < n_sent)
		loop_turn(e.loop, 100);
	assert_int_equal(e.n_requests, n_sent);
	e.link->ops->close(e.link);
	e.port->ops->close(e.port);
	loop_free(e.loop);
}

TEST_MAIN()
