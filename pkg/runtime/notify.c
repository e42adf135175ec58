#include "runtime/notify.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void runtime_notify(const char *socket_address, const char *state)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t             len = socket_address ? strlen(socket_address) : 0;
	int                fd;

	if (len == 0 || len >= sizeof to.sun_path)
		return;
	memcpy(to.sun_path, socket_address, len);
	if (to.sun_path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* A supervisor that does not listen is none of our trouble. */
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
	              (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}
