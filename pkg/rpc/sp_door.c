#include "rpc/sp_door.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	IPC_MODE = 0600,
	BACKLOG = 1024,
	AGAIN_MS = 100 /* when descriptors are out */
};

static status reason(int error)
{
	switch (error) {
	case EADDRINUSE:
		return status_error(CODE_ALREADY_EXISTS, "somebody listens there");
	case EACCES:
	case EPERM:
		return status_error(CODE_PERMISSION_DENIED, "may not listen there");
	default:
		return status_error(CODE_UNAVAILABLE, "cannot open this address");
	}
}

static status finish(int fd, bool is_fine, int *out_fd)
{
	const int error = errno;

	if (is_fine) {
		*out_fd = fd;
		return STATUS_OK;
	}
	if (fd >= 0)
		close(fd);
	return reason(error);
}

static int new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* ---- ipc ---- */

/* Nobody listens at a file that refuses connections. */
static bool is_left_behind(const struct rpc_sp_sockaddr *a)
{
	int  fd = new_socket(AF_UNIX);
	bool is_refused;

	if (fd < 0)
		return false;
	is_refused =
	        connect(fd, (const struct sockaddr *)&a->at, a->len) != 0 && errno == ECONNREFUSED;
	close(fd);
	return is_refused;
}

static bool bind_to(int fd, const struct rpc_sp_sockaddr *a)
{
	return bind(fd, (const struct sockaddr *)&a->at, a->len) == 0;
}

static bool bind_path(int fd, const struct rpc_sp_sockaddr *a, const char *path)
{
	if (bind_to(fd, a))
		return true;
	if (errno != EADDRINUSE)
		return false;
	if (!is_left_behind(a) || unlink(path) != 0) {
		errno = EADDRINUSE;
		return false;
	}
	return bind_to(fd, a);
}

static status listen_at_path(const struct rpc_sp_sockaddr *a, const char *path, int *out_fd)
{
	const int fd = new_socket(AF_UNIX);

	/* Nobody connects before it listens, so the mode is set in time. */
	return finish(fd,
	              fd >= 0 && bind_path(fd, a, path) && chmod(path, IPC_MODE) == 0 &&
	                      listen(fd, BACKLOG) == 0,
	              out_fd);
}

/* ---- tcp ---- */

/* A port is free again at once. */
static bool bind_port(int fd, const struct rpc_sp_sockaddr *a)
{
	const int yes = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 && bind_to(fd, a);
}

static status ask_for(const struct rpc_sp_address *at, struct rpc_sp_sockaddr *out)
{
	const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	                               .ai_socktype = SOCK_STREAM};
	const char           *host = strcmp(at->host, "*") == 0 ? NULL : at->host;
	struct addrinfo      *found;

	if (getaddrinfo(host, at->port, &hints, &found) != 0)
		return status_error(CODE_INVALID_ARGUMENT, "no address to listen at");
	memcpy(&out->at, found->ai_addr, found->ai_addrlen);
	out->len = found->ai_addrlen;
	freeaddrinfo(found);
	return STATUS_OK;
}

static status listen_at_port(const struct rpc_sp_sockaddr *a, int *out_fd)
{
	const int fd = new_socket(a->at.ss_family);

	return finish(fd, fd >= 0 && bind_port(fd, a) && listen(fd, BACKLOG) == 0, out_fd);
}

static status listen_at(const struct rpc_sp_address *at, int *out_fd)
{
	struct rpc_sp_sockaddr a;

	if (!rpc_sp_address_is_numeric(at, &a))
		TRY(ask_for(at, &a));
	if (at->net == RPC_SP_IPC)
		return listen_at_path(&a, at->host, out_fd);
	return listen_at_port(&a, out_fd);
}

/* ---- who comes in ---- */

static void on_ready(struct loop_watch *w, unsigned events __attribute__((unused)))
{
	struct rpc_sp_door *d = container_of(w, struct rpc_sp_door, watch);
	const int           fd = accept4(d->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0) {
		d->on_connection(d, fd);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
		loop_watch_set(d->loop, w, 0);
		loop_timer_set(d->loop, &d->again, clock_after_ms(AGAIN_MS));
	}
}

static void on_again(struct loop_timer *t)
{
	struct rpc_sp_door *d = container_of(t, struct rpc_sp_door, again);

	loop_watch_set(d->loop, &d->watch, LOOP_READ);
}

status rpc_sp_door_open(struct rpc_sp_door *d, struct loop *l, const struct rpc_sp_address *at,
                        void (*on_connection)(struct rpc_sp_door *d, int fd))
{
	status st;
	int    fd;

	TRY(listen_at(at, &fd));
	*d = (struct rpc_sp_door){
	        .loop = l, .fd = fd, .on_connection = on_connection, .address = *at};
	loop_timer_init(&d->again, on_again);
	st = loop_watch_add(l, &d->watch, fd, LOOP_READ, on_ready);
	if (st.code != CODE_OK)
		rpc_sp_door_close(d);
	return st;
}

void rpc_sp_door_close(struct rpc_sp_door *d)
{
	if (d->loop == NULL || d->fd < 0)
		return;
	loop_watch_remove(d->loop, &d->watch);
	loop_timer_cancel(d->loop, &d->again);
	if (d->address.net == RPC_SP_IPC)
		unlink(d->address.host);
	close(d->fd);
	d->fd = -1;
}
