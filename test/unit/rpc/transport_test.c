#include "base/mem.h"
#include "loop/loop.h"
#include "rpc/transport.h"
#include "test/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEN       "/bcdefghij"
#define A_HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

TEST(addresses_that_cannot_be_are_refused_at_both_ends)
{
	static const struct {
		const char *url;
		enum code   code;
	} cases[] = {
	        {"tcp://0.0.0.0:17000", CODE_INVALID_ARGUMENT},
	        {"tcp://10.0.0.1:17000", CODE_INVALID_ARGUMENT},
	        {"tcp://128.0.0.1:17000", CODE_INVALID_ARGUMENT},
	        {"tcp://[::]:17000", CODE_INVALID_ARGUMENT},
	        {"tcp://*:17000", CODE_INVALID_ARGUMENT},
	        {"tcp://:17000", CODE_INVALID_ARGUMENT},
	        {"tcp://127.0.0.1.example.org:17000", CODE_INVALID_ARGUMENT},
	        {"tcp://example.org:17000", CODE_INVALID_ARGUMENT},
	        {"tcp://127.0.0.1", CODE_INVALID_ARGUMENT},
	        {"tcp://127.0.0.1:", CODE_INVALID_ARGUMENT},
	        {"tcp://127.0.0.1:0", CODE_INVALID_ARGUMENT},
	        {"tcp://127.0.0.1:65536", CODE_INVALID_ARGUMENT},
	        {"insecure+tcp://example.org:17x", CODE_INVALID_ARGUMENT},
	        {"ipc://" A_HUNDRED "12345678", CODE_INVALID_ARGUMENT},
	        {"ipc://", CODE_INVALID_ARGUMENT},
	        {"tls+tcp://", CODE_INVALID_ARGUMENT},
	        {"tls+tcp://:17000", CODE_INVALID_ARGUMENT},
	        {"ws://127.0.0.1:17000", CODE_INVALID_ARGUMENT},
	        {"rep+tcp://10.0.0.1:17000", CODE_INVALID_ARGUMENT},
	        {"rep+tcp://*:17000", CODE_INVALID_ARGUMENT},
	        {"rep+ipc://", CODE_INVALID_ARGUMENT},
	        {"rep+inproc://users", CODE_INVALID_ARGUMENT},
	};
	const struct rpc_port_events port_events = {0};
	const struct rpc_link_events link_events = {0};
	struct rpc_port             *port;
	struct rpc_link             *link;
	struct loop                 *l;

	assert_status(loop_new(&l), CODE_OK);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_status(
		        rpc_transport_listen(l, str_c(cases[i].url), NULL, &port_events, &port),
		        cases[i].code);
		assert_status(rpc_transport_link(l, str_c(cases[i].url), NULL, &link_events, &link),
		              cases[i].code);
	}
	loop_free(l);
}

TEST(loopback_addresses_are_fine_without_tls_and_others_when_it_is_said)
{
	static const char *const urls[] = {
	        "tcp://127.0.0.1:17001",
	        "tcp://127.8.9.10:17001",
	        "tcp://localhost:17001",
	        "tcp://[::1]:17001",
	        "insecure+tcp://10.255.255.1:17001",
	};
	const struct rpc_link_events events = {0};
	struct rpc_link             *link;
	struct loop                 *l;

	assert_status(loop_new(&l), CODE_OK);
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		assert_status(rpc_transport_link(l, str_c(urls[i]), NULL, &events, &link), CODE_OK);
		link->ops->close(link);
	}
	loop_free(l);
}

TEST(tls_without_certificates_that_can_be_read_is_refused_at_both_ends)
{
	static const struct rpc_tls  none = {"", "", ""}, noise = {"ca", "cert", "key"};
	const struct rpc_tls        *tls[] = {NULL, &none, &noise};
	const struct rpc_port_events port_events = {0};
	const struct rpc_link_events link_events = {0};
	const str                    url = STR("tls+tcp://127.0.0.1:17003");
	struct rpc_port             *port;
	struct rpc_link             *link;
	struct loop                 *l;

	assert_status(loop_new(&l), CODE_OK);
	for (size_t i = 0; i < sizeof tls / sizeof *tls; i++) {
		assert_status(rpc_transport_listen(l, url, tls[i], &port_events, &port),
		              CODE_INVALID_ARGUMENT);
		assert_status(rpc_transport_link(l, url, tls[i], &link_events, &link),
		              CODE_INVALID_ARGUMENT);
	}
	loop_free(l);
}

TEST(nobody_links_to_an_address_for_other_clients)
{
	static const char *const     urls[] = {"rep+ipc:///tmp/none", "rep+tcp://127.0.0.1:17002",
	                                       "rep+insecure+tcp://127.0.0.1:17002"};
	const struct rpc_link_events events = {0};
	struct rpc_link             *link;
	struct loop                 *l;

	assert_status(loop_new(&l), CODE_OK);
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
		assert_status(rpc_transport_link(l, str_c(urls[i]), NULL, &events, &link),
		              CODE_INVALID_ARGUMENT);
	loop_free(l);
}

TEST(an_ipc_socket_is_for_its_owner_and_taken_only_once)
{
	static const char *const     schemes[] = {"ipc", "rep+ipc"};
	const struct rpc_port_events events = {0};
	char                         dir[] = "/tmp/canaduck-url-XXXXXX";
	char                         path[64], url[128];
	struct stat                  about;
	struct rpc_port             *port, *other;
	struct loop                 *l;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/s", dir);
	assert_status(loop_new(&l), CODE_OK);
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		snprintf(url, sizeof url, "%s://%s", schemes[i], path);
		assert_status(rpc_transport_listen(l, str_c(url), NULL, &events, &port), CODE_OK);
		assert_int_equal(stat(path, &about), 0);
		assert_int_equal(about.st_mode & 0777, 0600);
		assert_status(rpc_transport_listen(l, str_c(url), NULL, &events, &other),
		              CODE_ALREADY_EXISTS);
		port->ops->close(port);
		assert_status(rpc_transport_listen(l, str_c(url), NULL, &events, &port), CODE_OK);
		port->ops->close(port);
		assert_int_equal(stat(path, &about), -1);
	}
	loop_free(l);
	rmdir(dir);
}

TEST_MAIN()
