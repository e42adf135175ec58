#include "db/conninfo.h"

#include "base/mem.h"
#include "db/resolve.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <string.h>

enum {
	EXTRA_KEYS = 8,
	/* A client that vanished in a transaction must not hold its locks for ever. */
	IDLE_IN_TRANSACTION_MS = 60000,
	CLIENT_CHECK_MS = 1000
};

static void set(struct db_conninfo *info, const char *key, const char *value)
{
	for (size_t i = 0; i < info->n; i++)
		if (strcmp(info->keys[i], key) == 0) {
			info->values[i] = value;
			return;
		}
	info->keys[info->n] = key;
	info->values[info->n] = value;
	info->n++;
}

static struct db_conninfo with_room(struct arena *a, size_t n)
{
	/* Zeroed, so that both arrays end with NULL. */
	return (struct db_conninfo){.keys = arena_zalloc(a, (n + 1) * sizeof(char *)),
	                            .values = arena_zalloc(a, (n + 1) * sizeof(char *))};
}

static const char *server_options(struct arena *a, const char *given,
                                  const struct db_conninfo_options *o)
{
	const char *base = arena_printf(
	        a, "%s -c lock_timeout=%" PRIu32 "%s %s", given ? given : "", o->lock_timeout_ms,
	        o->is_read_only ? " -c default_transaction_read_only=on" : "",
	        o->settings ? o->settings : "");

	/* Nothing else ends a statement without limit whose client has died. */
	if (o->statement_timeout_ms == 0)
		return arena_printf(
		        a,
		        "%s -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
		        " -c client_connection_check_interval=%d",
		        base, CLIENT_CHECK_MS);
	/* Small statements, and many at once: compilers and helpers cost more than they bring. */
	return arena_printf(a,
	                    "%s -c statement_timeout=%" PRIu32
	                    " -c idle_in_transaction_session_timeout=%d"
	                    " -c jit=off -c max_parallel_workers_per_gather=0",
	                    base, o->statement_timeout_ms, IDLE_IN_TRANSACTION_MS);
}

const char *db_conninfo_get(const struct db_conninfo *info, const char *key)
{
	for (size_t i = 0; i < info->n; i++)
		if (strcmp(info->keys[i], key) == 0)
			return info->values[i];
	return NULL;
}

status db_conninfo_parse(struct arena *a, const char *url,
                         const struct db_conninfo_options *options, struct db_conninfo *out_info)
{
	char              *why = NULL;
	PQconninfoOption  *given = PQconninfoParse(url, &why);
	struct db_conninfo info;
	size_t             n = 0;

	/* Not repeated: it may quote the password. */
	PQfreemem(why);
	if (given == NULL)
		return status_error(CODE_INVALID_ARGUMENT, "not a PostgreSQL connection string");
	while (given[n].keyword)
		n++;
	info = with_room(a, n + EXTRA_KEYS);
	for (size_t i = 0; i < n; i++)
		if (given[i].val)
			set(&info, arena_cstr(a, str_c(given[i].keyword)),
			    arena_cstr(a, str_c(given[i].val)));
	PQconninfoFree(given);

	set(&info, "client_encoding", "UTF8");
	set(&info, "gssencmode", "disable"); /* one round trip less, and nobody has it */
	if (options->application_name)
		set(&info, "application_name", arena_cstr(a, str_c(options->application_name)));
	if (options->connect_timeout_s)
		set(&info, "connect_timeout",
		    arena_printf(a, "%" PRIu32, options->connect_timeout_s));
	set(&info, "options", server_options(a, db_conninfo_get(&info, "options"), options));
	*out_info = info;
	return STATUS_OK;
}

struct db_conninfo db_conninfo_with_hosts(struct arena *a, const struct db_conninfo *info,
                                          const struct db_hosts *hosts)
{
	struct db_conninfo copy = with_room(a, info->n + EXTRA_KEYS);

	for (size_t i = 0; i < info->n; i++)
		set(&copy, info->keys[i], info->values[i]);
	set(&copy, "host", hosts->names);
	set(&copy, "hostaddr", hosts->addresses);
	if (hosts->ports)
		set(&copy, "port", hosts->ports);
	return copy;
}
