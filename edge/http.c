#include "edge/http.h"

#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * LeakSanitizer asks for this at exit. Debian's h2o keeps chunks for reuse in each thread, and its
 * queues, and has no call that frees them.
 */
extern const char *__lsan_default_suppressions(void);

__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
	return "leak:h2o_mem_alloc_recycle\nleak:h2o_multithread_create_queue\n";
}

enum { CUT_TURNS = 200, CUT_WAIT_MS = 10, ACCEPTS_A_TURN = 16, PAUSE_MS = 100 };

struct request_handler {
	h2o_handler_t     super;
	struct edge_http *http;
};

static int on_req(h2o_handler_t *handler, h2o_req_t *req)
{
	struct edge_http *h = ((struct request_handler *)handler)->http;

	h->cfg.on_request(h->cfg.arg, req);
	return 0;
}

struct connection {
	struct edge_http *http;
	h2o_socket_t     *sock;
	struct list       link;
};

static void on_accept(h2o_socket_t *listener, const char *err);

/* Newcomers wait in the kernel's queue then. Watched on, the listener, which is level-triggered,
 * would keep the loop busy. */
static void pause_accepting(struct edge_http *h)
{
	h2o_socket_read_stop(h->listener);
	loop_timer_set(h->loop, &h->accept_timer, clock_after_ms(PAUSE_MS));
}

static void on_accept_timer(struct loop_timer *t)
{
	struct edge_http *h = container_of(t, struct edge_http, accept_timer);

	h2o_socket_read_start(h->listener, on_accept);
}

static void on_connection_close(void *data)
{
	struct connection *c = data;
	struct edge_http  *h = c->http;

	h->connections--;
	list_remove(&c->link);
	mem_free(c);
	if (loop_timer_is_set(&h->accept_timer))
		loop_timer_set(h->loop, &h->accept_timer, clock_now_ns());
}

static bool accept_one(struct edge_http *h)
{
	h2o_socket_t      *sock = h2o_evloop_socket_accept(h->listener);
	struct connection *c;

	if (sock == NULL)
		return false;
	c = mem_alloc(sizeof *c);
	*c = (struct connection){.http = h, .sock = sock};
	list_append(&h->sockets, &c->link);
	h->connections++;
	sock->on_close.cb = on_connection_close;
	sock->on_close.data = c;
	h2o_accept(&h->accept, sock);
	return true;
}

/* What newcomers take is used up; it comes back when others leave. */
static bool is_exhausted(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
	struct edge_http *h = listener->data;

	if (err)
		return;
	for (int i = 0; i < ACCEPTS_A_TURN && h->connections < h->cfg.max_connections; i++) {
		if (accept_one(h))
			continue;
		if (is_exhausted(errno))
			pause_accepting(h);
		return;
	}
	if (h->connections >= h->cfg.max_connections)
		pause_accepting(h);
}

static void on_inner_ready(h2o_socket_t *sock, const char *err)
{
	struct edge_http *h = sock->data;

	if (!err)
		loop_turn(h->loop, 0);
}

static int bind_one(const struct addrinfo *ai, bool shares_port)
{
	int on = 1, fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	/* Only then: it would let a second instance in, which takes half of what comes. */
	if (shares_port)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The configured host is an address, so this resolves nothing over the network. */
static status listen_on(const struct edge_http_config *cfg, int *out_fd)
{
	struct addrinfo  hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	                          .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	char             port[6];
	int              fd;

	snprintf(port, sizeof port, "%u", cfg->port);
	if (getaddrinfo(cfg->host, port, &hints, &found) != 0)
		return status_error(CODE_INVALID_ARGUMENT, "HOST must be an address");
	fd = bind_one(found, cfg->shares_port);
	freeaddrinfo(found);
	if (fd < 0)
		return status_error(CODE_UNAVAILABLE,
		                    errno == EADDRINUSE ? "the port is taken" : "cannot listen");
	*out_fd = fd;
	return STATUS_OK;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t               len = sizeof ss;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) != 0)
		return 0;
	return ntohs(ss.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&ss)->sin6_port
	                                      : ((struct sockaddr_in *)&ss)->sin_port);
}

static status setup_tls(struct edge_http *h)
{
	SSL_CTX *ssl;

	if (h->cfg.tls_cert_file[0] == '\0')
		return STATUS_OK;
	ssl = SSL_CTX_new(TLS_server_method());
	if (ssl == NULL)
		return status_error(CODE_INTERNAL, "TLS is not to be had");
	h->accept.ssl_ctx = ssl;
	SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
	SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	if (SSL_CTX_use_certificate_chain_file(ssl, h->cfg.tls_cert_file) != 1)
		return status_error(CODE_INVALID_ARGUMENT, "TLS_CERT_FILE cannot be read");
	if (SSL_CTX_use_PrivateKey_file(ssl, h->cfg.tls_key_file, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ssl) != 1)
		return status_error(CODE_INVALID_ARGUMENT,
		                    "TLS_KEY_FILE cannot be read or does not fit the certificate");
	if (h->cfg.has_http2)
		h2o_ssl_register_alpn_protocols(ssl, h2o_http2_alpn_protocols);
	return STATUS_OK;
}

static void setup_h2o(struct edge_http *h)
{
	h2o_hostconf_t         *host;
	h2o_pathconf_t         *path;
	struct request_handler *handler;

	h2o_config_init(&h->config);
	h->config.server_name = h2o_iovec_init(NULL, 0);
	h->config.max_request_entity_size = h->cfg.max_body;
	h->config.http1.req_timeout = h->cfg.idle_timeout_ms;
	/* HTTP/2 without TLS would come in by the back door otherwise. */
	h->config.http1.upgrade_to_http2 = h->cfg.has_http2;
	h->config.http2.idle_timeout = h->cfg.idle_timeout_ms;
	host = h2o_config_register_host(&h->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
	path = h2o_config_register_path(host, "/", 0);
	handler = (struct request_handler *)h2o_create_handler(path, sizeof *handler);
	handler->super.on_req = on_req;
	handler->http = h;
	h->evloop = h2o_evloop_create();
	h2o_context_init(&h->context, h->evloop, &h->config);
	h->accept.ctx = &h->context;
	h->accept.hosts = h->config.hosts;
}

static void watch(struct edge_http *h, int listen_fd, int inner_fd)
{
	h->listener = h2o_evloop_socket_create(h->evloop, listen_fd, H2O_SOCKET_FLAG_DONT_READ);
	h->listener->data = h;
	loop_timer_init(&h->accept_timer, on_accept_timer);
	h2o_socket_read_start(h->listener, on_accept);
	h->inner = h2o_evloop_socket_create(h->evloop, inner_fd, H2O_SOCKET_FLAG_DONT_READ);
	h->inner->data = h;
	h2o_socket_read_start(h->inner, on_inner_ready);
}

status edge_http_init(struct edge_http *h, const struct edge_http_config *cfg, struct loop *loop)
{
	int fd, inner_fd;

	*h = (struct edge_http){.cfg = *cfg, .loop = loop};
	list_init(&h->sockets);
	TRY(listen_on(cfg, &fd));
	/* h2o closes what it watches: it gets a descriptor of its own. */
	inner_fd = fcntl(loop_fd(loop), F_DUPFD_CLOEXEC, 3);
	if (inner_fd < 0) {
		close(fd);
		return status_error(CODE_UNAVAILABLE, "no descriptors are left");
	}
	h->port = port_of(fd);
	setup_h2o(h);
	watch(h, fd, inner_fd);
	h->is_open = true;
	return setup_tls(h);
}

void edge_http_turn(struct edge_http *h, int max_wait_ms)
{
	h2o_evloop_run(h->evloop, max_wait_ms);
}

void edge_http_drain(struct edge_http *h)
{
	if (h->listener == NULL)
		return;
	loop_timer_cancel(h->loop, &h->accept_timer);
	while (accept_one(h))
		;
	h2o_socket_read_stop(h->listener);
	h2o_socket_close(h->listener);
	h->listener = NULL;
	h2o_context_request_shutdown(&h->context);
}

/* h2o frees a connection when it sees its end, and its context only without connections. */
static void cut_connections(struct edge_http *h)
{
	list_for_each (it, &h->sockets) {
		struct connection *c = container_of(it, struct connection, link);

		shutdown(h2o_socket_get_fd(c->sock), SHUT_RDWR);
	}
	for (int i = 0; i < CUT_TURNS && h->connections > 0; i++)
		h2o_evloop_run(h->evloop, CUT_WAIT_MS);
}

void edge_http_fini(struct edge_http *h)
{
	if (!h->is_open)
		return;
	h->is_open = false;
	loop_timer_cancel(h->loop, &h->accept_timer);
	if (h->listener)
		h2o_socket_close(h->listener);
	cut_connections(h);
	h2o_socket_close(h->inner);
	/* The loop deletes closed sockets when it runs. */
	h2o_evloop_run(h->evloop, 0);
	if (h->connections == 0) {
		/* The shutdown's own timer, for connections of HTTP/2 that are no more. */
		h2o_timeout_unlink(&h->context.http2._graceful_shutdown_timeout);
		h2o_context_dispose(&h->context);
		h2o_config_dispose(&h->config);
		h2o_evloop_destroy(h->evloop);
	}
	if (h->accept.ssl_ctx)
		SSL_CTX_free(h->accept.ssl_ctx);
}
