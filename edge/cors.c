#include "edge/internal.h"

#include "edge/respond.h"

bool edge_cors_is_allowed(str origins, str origin)
{
	str one;

	while (str_next(&origins, ',', &one)) {
		one = str_trim(one);
		if (str_eq(one, STR("*")) || str_eq(one, origin))
			return true;
	}
	return false;
}

/* Without the port that the scheme has by itself. */
static str without_port(str host, str port)
{
	if (str_ends(host, port))
		host.len -= port.len;
	return host;
}

bool edge_cors_is_same(str origin, str host)
{
	static const struct {
		str scheme, port;
	} schemes[] = {{{"https://", 8}, {":443", 4}}, {{"http://", 7}, {":80", 3}}};

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (str_starts(origin, schemes[i].scheme))
			return str_eq_nocase(without_port(str_from(origin, schemes[i].scheme.len),
			                                  schemes[i].port),
			                     without_port(host, schemes[i].port));
	return false;
}

/* Fetch standard 3.2.2: what a preflight asks and gets. Without CORS, OPTIONS tells the methods. */
void edge_cors_preflight(struct edge_exchange *ex)
{
	struct arena *a = &ex->call.arena;
	str           asked = edge_exchange_header(ex, "access-control-request-headers");
	str           methods;

	/* The route may exist for other methods only: the router has listed them then. */
	methods = ex->allow.len ? ex->allow : STR("OPTIONS");
	edge_respond_header(ex, "allow", methods);
	if (ex->origin.len) {
		edge_respond_header(ex, "access-control-allow-methods", methods);
		if (asked.len)
			edge_respond_header(ex, "access-control-allow-headers",
			                    arena_dup(a, asked));
		edge_respond_header(ex, "access-control-max-age", STR("600"));
	}
	edge_respond(ex, 204, NULL, (str){0});
}
