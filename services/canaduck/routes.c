#include "services/canaduck/routes.h"

#include "services/canaduck/parts.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const auths[] = {
        [RPC_AUTH_PUBLIC] = "public", [RPC_AUTH_IGNORED] = "ignored", [RPC_AUTH_USER] = "user",
        [RPC_AUTH_ADMIN] = "admin",   [RPC_AUTH_SERVICE] = "service",
};

static void print_method(const struct rpc_method *m, bool all)
{
	for (unsigned i = 0; i < m->n_routes; i++)
		printf("%-7s %-28s %-8s %s\n", m->routes[i].http_method, m->routes[i].path,
		       auths[m->auth], m->name);
	if (m->n_routes == 0 && all)
		printf("%-7s %-28s %-8s %s\n", "-", "-", auths[m->auth], m->name);
}

int routes_main(int argc, char **argv)
{
	bool all = argc == 2 && strcmp(argv[1], "--all") == 0;

	if (argc > 1 && !all) {
		fprintf(stderr, "usage: canaduck routes [--all]\n");
		return 2;
	}
	for (unsigned s = 0; parts_tables[s]; s++)
		for (unsigned i = 0; i < parts_tables[s]->n_methods; i++)
			print_method(&parts_tables[s]->methods[i], all);
	return 0;
}
