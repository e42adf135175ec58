/* TCP on the loopback address. */
#include "test/integration/rpc/conformance.h"
#include "test/support/port.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void write_url(unsigned n __attribute__((unused)), char *out, size_t size)
{
	snprintf(out, size, "tcp://127.0.0.1:%u", port_free());
}

int main(int argc, char **argv)
{
	return rpc_conformance(write_url, argc, argv);
}
