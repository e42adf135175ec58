#include "db/resolve.h"

#include "base/buf.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

enum { MAX_LIST_BYTES = 16384 };

/* Takes the first element of a list separated by commas. */
static str next_element(str *list)
{
	str head;

	if (str_cut(*list, ',', &head, list))
		return head;
	head = *list;
	*list = str_from(*list, list->len);
	return head;
}

static bool is_name(struct arena *a, str host)
{
	char        address[sizeof(struct in6_addr)];
	const char *c = arena_cstr(a, host);

	return host.len > 0 && c[0] != '/' && c[0] != '@' && inet_pton(AF_INET, c, address) != 1 &&
	       inet_pton(AF_INET6, c, address) != 1;
}

bool db_resolve_is_needed(const char *hosts)
{
	struct arena a;
	bool         is_needed = false;
	str          list = str_c(hosts);

	arena_init(&a, 0);
	while (list.len > 0 && !is_needed)
		is_needed = is_name(&a, next_element(&list));
	arena_fini(&a);
	return is_needed;
}

struct lists {
	struct buf names, addresses, ports;
	unsigned   n;
};

static void add(struct lists *l, str name, str address, str port)
{
	if (l->n++ > 0) {
		buf_put_c(&l->names, ',');
		buf_put_c(&l->addresses, ',');
		buf_put_c(&l->ports, ',');
	}
	buf_put(&l->names, name);
	buf_put(&l->addresses, address);
	buf_put(&l->ports, port);
}

static void add_resolved(struct lists *l, struct arena *a, str name, str port)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo      *found = NULL;
	char                  address[NI_MAXHOST];

	if (getaddrinfo(arena_cstr(a, name), NULL, &hints, &found) != 0)
		return;
	for (const struct addrinfo *i = found; i; i = i->ai_next)
		if (getnameinfo(i->ai_addr, i->ai_addrlen, address, sizeof address, NULL, 0,
		                NI_NUMERICHOST) == 0)
			add(l, name, str_c(address), port);
	freeaddrinfo(found);
}

status db_resolve(struct arena *a, const char *hosts, const char *ports, struct db_hosts *out_hosts)
{
	struct lists l = {0};
	str          names = str_c(hosts), port_list = str_c(ports);
	bool         is_one_port = str_find(port_list, ',') < 0;
	status       st;

	buf_init(&l.names, MAX_LIST_BYTES);
	buf_init(&l.addresses, MAX_LIST_BYTES);
	buf_init(&l.ports, MAX_LIST_BYTES);
	while (names.len > 0) {
		str name = next_element(&names);
		str port = is_one_port ? port_list : next_element(&port_list);

		if (is_name(a, name))
			add_resolved(&l, a, name, port);
		else
			add(&l, name, STR(""), port);
	}
	st = buf_status(&l.names);
	if (st.code == CODE_OK)
		st = buf_status(&l.addresses);
	if (st.code == CODE_OK)
		st = buf_status(&l.ports);
	if (st.code == CODE_OK && l.n == 0)
		st = status_error(CODE_UNAVAILABLE, "the database's host name has no address");
	if (st.code == CODE_OK)
		*out_hosts = (struct db_hosts){
		        .names = arena_cstr(a, buf_str(&l.names)),
		        .addresses = arena_cstr(a, buf_str(&l.addresses)),
		        .ports = ports ? arena_cstr(a, buf_str(&l.ports)) : NULL,
		};
	buf_fini(&l.names);
	buf_fini(&l.addresses);
	buf_fini(&l.ports);
	return st;
}
