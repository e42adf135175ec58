#include "test/support/proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_PAIRS = 32, CHUNK = 64 * 1024 };

struct pairs {
	int ends[MAX_PAIRS][2];
	int n;
};

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		abort();
	return fd;
}

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	                            .sin_port = htons(port),
	                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static uint16_t bind_free(int fd)
{
	struct sockaddr_in at = loopback(0);
	socklen_t          len = sizeof at;

	if (bind(fd, (struct sockaddr *)&at, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		abort();
	return ntohs(at.sin_port);
}

static void close_pair(struct pairs *all, int i)
{
	close(all->ends[i][0]);
	close(all->ends[i][1]);
	all->n--;
	all->ends[i][0] = all->ends[all->n][0];
	all->ends[i][1] = all->ends[all->n][1];
}

static void let_in(struct proxy *p, struct pairs *all)
{
	struct sockaddr_in to = loopback(p->to);
	int                from = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC), fd;

	if (from < 0)
		return;
	fd = open_socket();
	if (atomic_load(&p->mode) == PROXY_CUT || all->n == MAX_PAIRS ||
	    connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		close(fd);
		close(from);
		return;
	}
	all->ends[all->n][0] = from;
	all->ends[all->n][1] = fd;
	all->n++;
}

/* Passes on what is there; false when the connection ended. */
static bool pass(int from, int to)
{
	static _Thread_local char bytes[CHUNK];
	ssize_t                   n = recv(from, bytes, sizeof bytes, 0);

	for (ssize_t at = 0; at < n;) {
		ssize_t sent = send(to, bytes + at, (size_t)(n - at), MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		at += sent;
	}
	return n > 0;
}

static void pass_all(struct proxy *p, struct pairs *all, const struct pollfd *fds)
{
	for (int i = all->n; i-- > 0;) {
		bool is_open = atomic_load(&p->mode) != PROXY_CUT;

		for (int k = 0; k < 2 && is_open; k++)
			if (fds[2 * i + k].revents)
				is_open = pass(all->ends[i][k], all->ends[i][1 - k]);
		if (!is_open)
			close_pair(all, i);
	}
}

static void *run(void *arg)
{
	struct proxy *p = arg;
	struct pairs  all = {.n = 0};
	struct pollfd fds[2 * MAX_PAIRS + 2];
	char          wake;

	while (!atomic_load(&p->is_over)) {
		const bool is_stalled = atomic_load(&p->mode) == PROXY_STALL;
		const int  n = all.n;

		for (int i = 0; i < 2 * n; i++)
			fds[i] = (struct pollfd){.fd = is_stalled ? -1 : all.ends[i / 2][i % 2],
			                         .events = POLLIN};
		fds[2 * n] = (struct pollfd){.fd = p->wakes[0], .events = POLLIN};
		fds[2 * n + 1] =
		        (struct pollfd){.fd = is_stalled ? -1 : p->listener, .events = POLLIN};
		if (poll(fds, (nfds_t)(2 * n + 2), -1) < 0)
			continue;
		if (fds[2 * n].revents && read(p->wakes[0], &wake, 1) != 1)
			abort();
		if (!is_stalled)
			pass_all(p, &all, fds);
		if (fds[2 * n + 1].revents)
			let_in(p, &all);
	}
	while (all.n > 0)
		close_pair(&all, all.n - 1);
	return NULL;
}

void proxy_start(struct proxy *p, uint16_t to)
{
	*p = (struct proxy){.to = to, .listener = open_socket()};
	p->port = bind_free(p->listener);
	if (listen(p->listener, MAX_PAIRS) != 0 || pipe(p->wakes) != 0 ||
	    pthread_create(&p->thread, NULL, run, p) != 0)
		abort();
}

static void wake(struct proxy *p)
{
	if (write(p->wakes[1], "", 1) != 1)
		abort();
}

void proxy_set(struct proxy *p, enum proxy_mode mode)
{
	atomic_store(&p->mode, mode);
	wake(p);
}

void proxy_stop(struct proxy *p)
{
	atomic_store(&p->is_over, true);
	wake(p);
	pthread_join(p->thread, NULL);
	close(p->listener);
	close(p->wakes[0]);
	close(p->wakes[1]);
}
