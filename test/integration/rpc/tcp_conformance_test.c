/* TCP on the loopback address. */
#include "test/integration/rpc/conformance.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* A port that was free a moment ago. */
static unsigned free_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t          len = sizeof at;
	int                fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void write_url(unsigned n __attribute__((unused)), char *out, size_t size)
{
	snprintf(out, size, "tcp://127.0.0.1:%u", free_port());
}

int main(int argc, char **argv)
{
	return rpc_conformance(write_url, argc, argv);
}
