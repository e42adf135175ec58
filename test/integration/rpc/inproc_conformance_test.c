/* The transport inside one process. */
#include "test/integration/rpc/conformance.h"

#include <stdio.h>

static void write_url(unsigned n, char *out, size_t size)
{
	snprintf(out, size, "inproc://trial-%u", n);
}

int main(int argc, char **argv)
{
	return rpc_conformance(write_url, argc, argv);
}
