#include "test/integration/rpc/tls_relay.h"

#include "test/support/test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	                            .sin_port = htons(port),
	                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* What there is to read at one end goes out at the other; false at the end. */
static bool carry(struct tls_relay *r, int from, int to)
{
	char    bytes[16384];
	ssize_t n = recv(from, bytes, sizeof bytes, 0);

	atomic_fetch_add(&r->n_carried, 1);
	if (n > 0 && atomic_load(&r->is_mute))
		return true;
	return n > 0 && send(to, bytes, (size_t)n, MSG_NOSIGNAL) == n;
}

static void carry_all(struct tls_relay *r, int client, int server)
{
	struct pollfd ends[] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};

	for (;;) {
		if (poll(ends, 2, -1) < 0)
			return;
		if (ends[0].revents && !carry(r, client, server))
			return;
		if (ends[1].revents && !carry(r, server, client))
			return;
	}
}

static void *run(void *arg)
{
	struct tls_relay        *r = arg;
	const struct sockaddr_in to = loopback(r->to);
	int                      client, server;

	while ((client = accept4(r->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(server, (const struct sockaddr *)&to, sizeof to) == 0)
			carry_all(r, client, server);
		close(server);
		close(client);
		atomic_fetch_add(&r->n_ended, 1);
	}
	return NULL;
}

void tls_relay_start(struct tls_relay *r, uint16_t to)
{
	struct sockaddr_in at = loopback(0);
	socklen_t          len = sizeof at;

	*r = (struct tls_relay){.to = to, .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	assert_int_equal(bind(r->fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(r->fd, 16), 0);
	assert_int_equal(getsockname(r->fd, (struct sockaddr *)&at, &len), 0);
	r->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&r->thread, NULL, run, r), 0);
}

void tls_relay_stop(struct tls_relay *r)
{
	shutdown(r->fd, SHUT_RDWR);
	pthread_join(r->thread, NULL);
	close(r->fd);
}
