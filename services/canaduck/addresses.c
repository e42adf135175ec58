#include "services/canaduck/addresses.h"

#include "base/arena.h"
#include "services/canaduck/events_address.h"

#include <ctype.h>
#include <string.h>

/* A socket's path has room for 107 bytes. */
enum { MAX_RUN_DIR = 80 };

/* Nearest first: this process, an address that was given, this machine. */
static const char *url_of(const struct settings *s, struct arena *a, unsigned i)
{
	const char *name = parts_services[i]->name;

	if (s->process.service_urls[i][0])
		return s->process.service_urls[i];
	if (s->parts.has_service[i])
		return arena_printf(a, "inproc://%s", name);
	return s->process.run_dir[0] ? arena_printf(a, "ipc://%s/%s.sock", s->process.run_dir, name)
	                             : "";
}

/* Everybody in this process, and those outside of it: ours, and other nng clients. */
static char *listen_of(const struct settings *s, struct arena *a, unsigned i)
{
	const char *name = parts_services[i]->name, *given = s->process.service_listen[i];
	const char *dir = s->process.run_dir;

	if (given[0])
		return arena_printf(a, "inproc://%s,%s", name, given);
	if (dir[0])
		return arena_printf(a, "inproc://%s,ipc://%s/%s.sock,rep+ipc://%s/%s.rep", name,
		                    dir, name, dir, name);
	return arena_printf(a, "inproc://%s", name);
}

static const char *events_of(const struct settings *s, struct arena *a, unsigned i)
{
	const char *given = s->process.events_urls[i];

	return given[0] ? given : events_address_of(a, url_of(s, a, i));
}

static struct runtime_listen all_listen_of(const struct settings *s, struct arena *a, unsigned i)
{
	const char *name = parts_services[i]->name, *rpc = listen_of(s, a, i);
	const char *events = s->process.events_listen[i], *for_public = s->process.public_listen[i];

	return (struct runtime_listen){
	        .rpc = rpc,
	        .events = events[0] ? arena_printf(a, "inproc://%s.events,%s", name, events)
	                            : events_address_of(a, rpc),
	        .public_events = for_public[0] ? for_public : events_address_of_public(a, rpc),
	};
}

static void check_listen_unneeded(const char *name, const struct runtime_listen *listen,
                                  struct buf *mistakes)
{
	tls_files_check_unneeded(name, listen->rpc, mistakes);
	tls_files_check_unneeded(name, listen->events, mistakes);
	tls_files_check_unneeded(name, listen->public_events, mistakes);
}

static const char *upper(struct arena *a, const char *name)
{
	char *copy = arena_printf(a, "%s", name);

	for (char *c = copy; *c; c++)
		*c = (char)toupper(*c);
	return copy;
}

/* Something here follows what the service tells. */
static bool is_followed(const struct settings *s, const char *service)
{
	for (const char *const *followed = edge_followed; s->parts.has_edge && *followed;
	     followed++)
		if (strcmp(*followed, service) == 0)
			return true;
	for (unsigned i = 0; i < PARTS_SERVICES; i++) {
		const struct runtime_stream *streams = parts_services[i]->streams;

		for (; s->parts.has_service[i] && streams && streams->service; streams++)
			if (strcmp(streams->service, service) == 0)
				return true;
	}
	return false;
}

static void check_events(const struct settings *s, struct arena *a, unsigned i,
                         struct buf *mistakes)
{
	const struct runtime_address *at = &s->addresses[i];

	if (at->urls[0] && !at->events[0] && is_followed(s, at->service))
		buf_printf(mistakes,
		           "%s_EVENTS_URL: is required, since of a port nothing follows\n",
		           upper(a, at->service));
}

void addresses_find(struct settings *s, struct arena *a, struct buf *mistakes)
{
	if (strlen(s->process.run_dir) > MAX_RUN_DIR)
		buf_printf(mistakes,
		           "RUN_DIR: must have at most %d bytes, for the paths of sockets\n",
		           MAX_RUN_DIR);
	for (unsigned i = 0; i < PARTS_SERVICES; i++) {
		s->addresses[i] = (struct runtime_address){parts_services[i]->name, url_of(s, a, i),
		                                           events_of(s, a, i)};
		s->listen[i] = all_listen_of(s, a, i);
		check_events(s, a, i, mistakes);
		if (s->addresses[i].urls[0] == '\0')
			buf_printf(mistakes, "RUN_DIR: is required, or the address of %s\n",
			           parts_services[i]->name);
		if (tls_files_are_given(&s->process.rpc_tls))
			continue;
		tls_files_check_unneeded(parts_services[i]->name, s->addresses[i].urls, mistakes);
		tls_files_check_unneeded(parts_services[i]->name, s->addresses[i].events, mistakes);
		if (s->parts.has_service[i])
			check_listen_unneeded(parts_services[i]->name, &s->listen[i], mistakes);
	}
}
