#include "test/support/port.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Below those that the system gives to whoever connects: these come and go all the time. */
enum { FIRST = 10000, COUNT = 20000, OF_A_PROCESS = 64 };

static bool is_free(uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	                         .sin_port = htons(port),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool               result;

	if (fd < 0)
		abort();
	result = bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
	close(fd);
	return result;
}

/* Each process has its own, so tests that run at once do not choose the same. */
uint16_t port_free(void)
{
	static unsigned n;

	for (unsigned tries = 0; tries < COUNT; tries++) {
		unsigned at = ((unsigned)getpid() * OF_A_PROCESS + n++) % COUNT;

		if (is_free((uint16_t)(FIRST + at)))
			return (uint16_t)(FIRST + at);
	}
	abort();
}
