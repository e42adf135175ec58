/* TLS, on the loopback address; and who is refused there. */
#include "test/integration/rpc/conformance.h"

#include "base/arena.h"
#include "base/clock.h"
#include "certs/issue.h"
#include "test/integration/rpc/tls_relay.h"
#include "test/support/port.h"

#include <arpa/inet.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DAYS = 2, ARENA_BYTES = 1 << 20 };

static struct arena    arena;
static struct certs_ca ca, other_ca;

static struct certs_ca make_ca(void)
{
	struct certs_ca made = {.key = certs_new_key(&arena)};

	assert_status(certs_new_ca(&arena, made.key, DAYS, &made.cert), CODE_OK);
	return made;
}

/* What a process shows that the issuer knows by the name, and that believes the product's CA. */
static struct rpc_tls make_tls(const struct certs_ca *issuer, str name, int days)
{
	struct rpc_tls tls = {.ca = ca.cert, .key = certs_new_key(&arena)};

	assert_status(certs_issue(&arena, issuer, tls.key, &name, 1, days, &tls.cert), CODE_OK);
	return tls;
}

static void write_url(unsigned n __attribute__((unused)), char *out, size_t size)
{
	snprintf(out, size, "tls+tcp://127.0.0.1:%u", port_free());
}

/* ---- who is refused ---- */

static status mark(struct stage_client *client, unsigned number, bool *out_not_executed)
{
	trial_mark_request req;
	status             st;

	trial_mark_request_init(&req);
	req.number = number;
	struct stage_call c = {.client = client, .method = trial_mark_method, .request = &req.base};

	st = stage_call_run(&c);
	*out_not_executed = c.call.not_executed;
	stage_call_fini(&c);
	return (status){st.code, NULL};
}

/* Wants in three times, in vain. */
static void assert_refused(const char *host, uint16_t server_port, const struct rpc_tls *tls)
{
	struct stage_client client;
	struct tls_relay    relay;
	char                url[64];
	bool                not_executed = false;

	tls_relay_start(&relay, server_port);
	snprintf(url, sizeof url, "tls+tcp://%s:%u", host, relay.port);
	stage_client_start_as(&client, (const char *[]){url, NULL}, tls);
	stage_until(&relay.n_ended, 3);
	assert_status(mark(&client, 1, &not_executed), CODE_UNAVAILABLE);
	assert_true(not_executed);
	stage_client_stop(&client);
	tls_relay_stop(&relay);
}

static void assert_served(const char *host, uint16_t server_port, const struct rpc_tls *tls)
{
	struct stage_client client;
	char                url[64];
	bool                not_executed;

	snprintf(url, sizeof url, "tls+tcp://%s:%u", host, server_port);
	stage_client_start_as(&client, (const char *[]){url, NULL}, tls);
	stage_client_await(&client, true);
	assert_status(mark(&client, 2, &not_executed), CODE_OK);
	stage_client_stop(&client);
}

static uint16_t start_server(struct stage_server *s, const struct rpc_tls *tls)
{
	uint16_t    port = port_free();
	static char url[64];

	snprintf(url, sizeof url, "tls+tcp://127.0.0.1:%u", port);
	*s = (struct stage_server){.tls = tls};
	stage_server_start(s, url);
	return port;
}

TEST(a_client_that_the_authority_does_not_know_is_refused_and_others_served)
{
	struct rpc_tls      stranger = make_tls(&other_ca, STR("edge"), DAYS);
	struct rpc_tls      late = make_tls(&ca, STR("edge"), -1);
	struct rpc_tls      good = make_tls(&ca, STR("edge"), DAYS);
	struct stage_server server;
	uint16_t            port = start_server(&server, NULL);

	assert_refused("127.0.0.1", port, &stranger);
	assert_refused("127.0.0.1", port, &late);
	assert_served("127.0.0.1", port, &good);
	assert_int_equal(atomic_load(&server.trial.marks[1]), 0);
	assert_int_equal(atomic_load(&server.trial.marks[2]), 1);
	stage_server_stop(&server);
}

TEST(a_server_that_is_not_the_one_called_is_refused)
{
	const struct rpc_tls servers[] = {
	        make_tls(&ca, STR("channels"), DAYS),         /* another host */
	        make_tls(&other_ca, STR("localhost"), DAYS),  /* says who */
	        make_tls(&ca, STR("localhost"), -1),          /* no longer */
	        make_tls(&ca, STR("localhost.example"), DAYS) /* not quite */
	};
	struct rpc_tls      good = make_tls(&ca, STR("localhost"), DAYS);
	struct stage_server server;
	uint16_t            port;

	for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
		port = start_server(&server, &servers[i]);
		assert_refused("localhost", port, stage_tls);
		assert_int_equal(atomic_load(&server.trial.marks[1]), 0);
		stage_server_stop(&server);
	}
	port = start_server(&server, &good);
	assert_served("localhost", port, stage_tls);
	assert_refused("127.0.0.1", port, stage_tls);
	stage_server_stop(&server);
}

/* ---- nng's own sockets at the other end, whose TLS is another ---- */

/* 0 when it was let in. */
static int dial(uint16_t port, const struct rpc_tls *tls)
{
	nng_tls_config *config;
	nng_dialer      dialer;
	nng_socket      req;
	char            url[64];
	int             error;

	snprintf(url, sizeof url, "tls+tcp://127.0.0.1:%u", port);
	assert_int_equal(nng_tls_config_alloc(&config, NNG_TLS_MODE_CLIENT), 0);
	assert_int_equal(nng_tls_config_ca_chain(config, ca.cert, NULL), 0);
	assert_int_equal(nng_tls_config_server_name(config, "127.0.0.1"), 0);
	if (tls)
		assert_int_equal(nng_tls_config_own_cert(config, tls->cert, tls->key, NULL), 0);
	assert_int_equal(nng_req0_open_raw(&req), 0);
	assert_int_equal(nng_dialer_create(&dialer, req, url), 0);
	assert_int_equal(nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, config), 0);
	error = nng_dialer_start(dialer, 0);
	nng_close(req);
	nng_tls_config_free(config);
	return error;
}

TEST(a_client_that_shows_no_certificate_is_refused)
{
	struct stage_server server;
	uint16_t            port = start_server(&server, NULL);

	for (int i = 0; i < 3; i++)
		assert_int_not_equal(dial(port, NULL), 0);
	assert_int_equal(dial(port, stage_tls), 0);
	stage_server_stop(&server);
}

TEST(a_link_and_nngs_own_socket_believe_each_other)
{
	struct rpc_tls      other = make_tls(&ca, STR("127.0.0.2"), DAYS);
	const uint16_t      port = port_free();
	struct stage_client client;
	nng_tls_config     *config;
	nng_listener        listener;
	nng_socket          rep;
	char                url[64];

	snprintf(url, sizeof url, "tls+tcp://127.0.0.1:%u", port);
	assert_int_equal(nng_tls_config_alloc(&config, NNG_TLS_MODE_SERVER), 0);
	assert_int_equal(nng_tls_config_auth_mode(config, NNG_TLS_AUTH_MODE_REQUIRED), 0);
	assert_int_equal(nng_tls_config_ca_chain(config, ca.cert, NULL), 0);
	assert_int_equal(nng_tls_config_own_cert(config, stage_tls->cert, stage_tls->key, NULL), 0);
	assert_int_equal(nng_rep0_open_raw(&rep), 0);
	assert_int_equal(nng_listener_create(&listener, rep, url), 0);
	assert_int_equal(nng_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, config), 0);
	assert_int_equal(nng_listener_start(listener, 0), 0);
	stage_client_start_as(&client, (const char *[]){url, NULL}, &other);
	stage_client_await(&client, true);
	stage_client_stop(&client);
	nng_close(rep);
	nng_tls_config_free(config);
}

/* Whoever hangs up in the middle of a handshake, or speaks something else. */
static void disturb(uint16_t port, str bytes)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	                         .sin_port = htons(port),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL), bytes.len);
	close(fd);
}

TEST(nobody_shuts_the_door_for_others)
{
	static const str    noises[] = {STR(""), STR("\x16\x03\x01"), STR("\0SP\0\0\x30\0\0"),
	                                STR("GET / HTTP/1.1\r\nHost: x\r\n\r\n")};
	struct stage_server server;
	uint16_t            port = start_server(&server, NULL);

	for (unsigned i = 0; i < 40; i++)
		disturb(port, noises[i % 4]);
	assert_served("127.0.0.1", port, stage_tls);
	stage_server_stop(&server);
}

/* ---- connections that fall silent ---- */

enum { PATIENCE_S = 30 };

static void until_ended(const struct tls_relay *relay, unsigned at_least)
{
	int64_t end_ns = clock_now_ns() + PATIENCE_S * CLOCK_NS_PER_S;

	while (atomic_load(&relay->n_ended) < at_least && clock_now_ns() < end_ns)
		sched_yield();
	assert_true(atomic_load(&relay->n_ended) >= at_least);
}

TEST(a_connection_that_falls_silent_is_given_up_and_another_made)
{
	trial_echo_request  req;
	struct stage_server server;
	struct stage_client client;
	struct tls_relay    relay;
	char                url[64];

	trial_echo_request_init(&req);
	tls_relay_start(&relay, start_server(&server, NULL));
	snprintf(url, sizeof url, "tls+tcp://127.0.0.1:%u", relay.port);
	stage_client_start(&client, (const char *[]){url, NULL}, true);
	struct stage_call c = {.client = &client,
	                       .method = trial_echo_method,
	                       .request = &req.base,
	                       .timeout_ms = PATIENCE_S * 1000};

	atomic_store(&relay.is_mute, true);
	assert_status(stage_call_run(&c), CODE_UNAVAILABLE);
	stage_call_fini(&c);
	until_ended(&relay, 1);
	atomic_store(&relay.is_mute, false);
	stage_client_await(&client, true);
	assert_status(stage_call_run(&c), CODE_OK);
	stage_call_fini(&c);
	stage_client_stop(&client);
	tls_relay_stop(&relay);
	stage_server_stop(&server);
}

TEST(a_handshake_that_falls_silent_is_given_up_and_another_made)
{
	struct stage_server server;
	struct stage_client client;
	struct tls_relay    relay;
	char                url[64];

	tls_relay_start(&relay, start_server(&server, NULL));
	atomic_store(&relay.is_mute, true);
	snprintf(url, sizeof url, "tls+tcp://127.0.0.1:%u", relay.port);
	stage_client_start(&client, (const char *[]){url, NULL}, false);
	stage_until(&relay.n_carried, 1);
	atomic_store(&relay.is_mute, false);
	until_ended(&relay, 1);
	stage_client_await(&client, true);
	stage_client_stop(&client);
	tls_relay_stop(&relay);
	stage_server_stop(&server);
}

int main(int argc, char **argv)
{
	struct rpc_tls good;
	int            failed;

	arena_init(&arena, ARENA_BYTES);
	ca = make_ca();
	other_ca = make_ca();
	good = make_tls(&ca, STR("127.0.0.1"), DAYS);
	stage_tls = &good;
	failed = rpc_conformance(write_url, argc, argv);
	arena_fini(&arena);
	return failed;
}
