#include "rpc/sp_listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { IPC_MODE = 0600, BACKLOG = 128, MAX_ADDRESS = 256 };

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

/* ---- ipc ---- */

/* Nobody listens at a file that refuses connections. */
static bool is_left_behind(const struct sockaddr_un *at)
{
	int  fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool is_refused;

	if (fd < 0)
		return false;
	is_refused =
	        connect(fd, (const struct sockaddr *)at, sizeof *at) != 0 && errno == ECONNREFUSED;
	close(fd);
	return is_refused;
}

static bool bind_to(int fd, const struct sockaddr_un *at)
{
	if (bind(fd, (const struct sockaddr *)at, sizeof *at) == 0)
		return true;
	if (errno != EADDRINUSE)
		return false;
	if (!is_left_behind(at) || unlink(at->sun_path) != 0) {
		errno = EADDRINUSE;
		return false;
	}
	return bind(fd, (const struct sockaddr *)at, sizeof *at) == 0;
}

status rpc_sp_listen_ipc(str path, int *out_fd)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int                fd;

	if (path.len == 0 || path.len >= sizeof at.sun_path)
		return status_error(CODE_INVALID_ARGUMENT, "the address is too long");
	memcpy(at.sun_path, path.ptr, path.len);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Nobody connects before it listens, so the mode is set in time. */
	return finish(fd,
	              fd >= 0 && bind_to(fd, &at) && chmod(at.sun_path, IPC_MODE) == 0 &&
	                      listen(fd, BACKLOG) == 0,
	              out_fd);
}

/* ---- tcp ---- */

/* The host, without brackets, and the port. */
static bool split(str host_port, char host[MAX_ADDRESS], char port[MAX_ADDRESS])
{
	size_t at = host_port.len;

	while (at > 0 && host_port.ptr[at - 1] != ':')
		at--;
	if (at < 2 || at == host_port.len || host_port.len >= MAX_ADDRESS)
		return false;
	snprintf(port, MAX_ADDRESS, "%.*s", (int)(host_port.len - at), host_port.ptr + at);
	host_port.len = at - 1;
	if (host_port.ptr[0] == '[' && host_port.ptr[host_port.len - 1] == ']')
		host_port = (str){host_port.ptr + 1, host_port.len - 2};
	snprintf(host, MAX_ADDRESS, "%.*s", (int)host_port.len, host_port.ptr);
	return true;
}

static bool reuse_port_at_once(int fd)
{
	const int yes = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0;
}

status rpc_sp_listen_tcp(str host_port, int *out_fd)
{
	const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	                               .ai_socktype = SOCK_STREAM};
	struct addrinfo      *at;
	char                  host[MAX_ADDRESS], port[MAX_ADDRESS];
	status                st;
	int                   fd;

	if (!split(host_port, host, port) ||
	    getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, port, &hints, &at) != 0)
		return status_error(CODE_INVALID_ARGUMENT, "no address to listen at");
	fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	st = finish(fd,
	            fd >= 0 && reuse_port_at_once(fd) &&
	                    bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0,
	            out_fd);
	freeaddrinfo(at);
	return st;
}
