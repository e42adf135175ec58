/* Unix sockets. */
#include "test/integration/rpc/conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[] = "/tmp/canaduck-rpc-XXXXXX";

static void write_url(unsigned n, char *out, size_t size)
{
	snprintf(out, size, "ipc://%s/%u", dir, n);
}

int main(int argc, char **argv)
{
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	failed = rpc_conformance(write_url, argc, argv);
	rmdir(dir);
	return failed;
}
