/* Events over TLS: who is known to the authority hears them, nobody else does. */
#include "test/integration/outbox/stream.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "certs/issue.h"
#include "rpc/transport.h"

enum { DAYS = 2 };

static char                   url[PG_URL_BYTES], tls_url[STREAM_URL_BYTES];
static struct arena           arena;
static struct rpc_tls         ours, strangers;
static struct stream          s;
static struct stream_relay    a;
static struct stream_consumer c, d;

/* A certificate for the loopback address, and the authority that it is of. */
static struct rpc_tls make_tls(void)
{
	const str       name = STR("127.0.0.1");
	struct certs_ca ca = {.key = certs_new_key(&arena)};
	struct rpc_tls  tls = {.key = certs_new_key(&arena)};

	assert_status(certs_new_ca(&arena, ca.key, DAYS, &ca.cert), CODE_OK);
	assert_status(certs_issue(&arena, &ca, tls.key, &name, 1, DAYS, &tls.cert), CODE_OK);
	tls.ca = ca.cert;
	return tls;
}

/* A port that was free a moment ago. */
static void choose_url(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t          len = sizeof at;
	int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	snprintf(tls_url, sizeof tls_url, "tls+tcp://127.0.0.1:%d", ntohs(at.sin_port));
}

static int setup(void **state __attribute__((unused)))
{
	arena_init(&arena, 1 << 20);
	stream_migrate(url);
	ours = make_tls();
	strangers = make_tls();
	return 0;
}

static int teardown(void **state __attribute__((unused)))
{
	arena_fini(&arena);
	return 0;
}

static void start(void)
{
	choose_url();
	stream_start(&s, url);
	s.tls = &ours;
	stream_relay_start(&a, &s, tls_url, (struct outbox_relay_config){0});
	c = (struct stream_consumer){.tls = &ours};
	stream_consumer_start(&c, &s, tls_url);
}

TEST(events_are_heard_over_tls)
{
	start();
	stream_consumer_await_complete(&c);
	stream_tell(&s, 1, 20);
	stream_consumer_await(&c, 20);
	stream_consumer_assert(&c, 1, 20);
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_stop(&s);
}

TEST(who_is_of_another_authority_hears_nothing)
{
	start();
	d = (struct stream_consumer){.tls = &strangers};
	stream_consumer_start(&d, &s, tls_url);
	stream_consumer_await_complete(&c);
	for (int64_t i = 0; i < 5; i++) {
		stream_tell(&s, 1 + i * 10, 10);
		stream_consumer_await(&c, 10 + (size_t)i * 10);
		/* It can only read. */
		stream_consumer_await(&d, 10 + (size_t)i * 10);
	}
	assert_int_equal(d.n_completed, 0);
	assert_true(c.n_completed > 0);
	stream_consumer_stop(&d);
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_stop(&s);
}

TEST(a_publisher_that_comes_back_is_heard_over_tls_again)
{
	start();
	for (int64_t i = 0; i < 3; i++) {
		stream_tell(&s, 1 + i * 10, 10);
		stream_consumer_await(&c, 10 + (size_t)i * 10);
		stream_consumer_await_complete(&c);
		stream_relay_stop(&a);
		stream_relay_start(&a, &s, tls_url, (struct outbox_relay_config){0});
	}
	stream_consumer_await_complete(&c);
	stream_consumer_assert(&c, 1, 30);
	stream_consumer_stop(&c);
	stream_relay_stop(&a);
	stream_stop(&s);
}

TEST(tls_without_certificates_is_a_mistake)
{
	struct events_publisher *p;

	choose_url();
	assert_status(events_publisher_new(&p), CODE_OK);
	assert_status(events_publisher_listen(p, EVENTS_INTERNAL, str_c(tls_url), NULL),
	              CODE_INVALID_ARGUMENT);
	assert_status(events_publisher_listen(p, EVENTS_PUBLIC, str_c(tls_url), NULL),
	              CODE_INVALID_ARGUMENT);
	events_publisher_free(p);
}

TEST_MAIN(setup, teardown)
