/*
 * test/bench/bare_h2o.c - the floor under the edge: h2o on one loop, one answer of fixed JSON.
 *
 * Listens on any free port of 127.0.0.1 and says which, as canaduck does: "port=PORT" on stderr.
 * Runs until it is killed.
 */
#include <h2o.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>

/* What GET /seen/{pseudo} answers looks like this. */
#define BODY "{\"result\":{\"pseudo\":\"roger\",\"last_seen\":\"2026-01-01T00:00:00.000000Z\"}}"

static int on_req(h2o_handler_t *handler __attribute__((unused)), h2o_req_t *req)
{
	req->res.status = 200;
	req->res.reason = "OK";
	req->res.content_length = sizeof BODY - 1;
	h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
	               H2O_STRLIT("application/json"));
	h2o_send_inline(req, H2O_STRLIT(BODY));
	return 0;
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
	h2o_accept_ctx_t *ctx = listener->data;
	h2o_socket_t     *sock;

	while (!err && (sock = h2o_evloop_socket_accept(listener)) != NULL)
		h2o_accept(ctx, sock);
}

static int listen_somewhere(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t          len = sizeof at;
	int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, SOMAXCONN) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		return -1;
	fprintf(stderr, "port=%u\n", ntohs(at.sin_port));
	return fd;
}

int main(void)
{
	h2o_globalconf_t config;
	h2o_context_t    context;
	h2o_accept_ctx_t accept = {.ctx = &context};
	h2o_hostconf_t  *host;
	h2o_socket_t    *listener;
	int              fd = listen_somewhere();

	if (fd < 0) {
		perror("bare_h2o");
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	h2o_config_init(&config);
	host = h2o_config_register_host(&config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
	h2o_create_handler(h2o_config_register_path(host, "/", 0), sizeof(h2o_handler_t))->on_req =
	        on_req;
	h2o_context_init(&context, h2o_evloop_create(), &config);
	accept.hosts = config.hosts;
	listener = h2o_evloop_socket_create(context.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
	listener->data = &accept;
	h2o_socket_read_start(listener, on_accept);
	while (h2o_evloop_run(context.loop, INT32_MAX) == 0)
		;
	return 0;
}
