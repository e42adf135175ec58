#include "services/canaduck/hosting.h"

#include "base/arena.h"
#include "db/migrate.h"
#include "fiber/offload.h"
#include "log/log.h"
#include "runtime/worker.h"

#include <stdio.h>

enum { MAX_OFFLOADED = 256, MIGRATE_ARENA_BYTES = 1024 * 1024 };

static status migrate(const struct settings *s, unsigned i, struct arena *a)
{
	const char *url =
	        s->database.migrate_db_url[0] ? s->database.migrate_db_url : settings_db_url(s, i);
	unsigned applied;

	TRY(db_migrate(url, parts_services[i]->schema, s->database.db_start_timeout_ms, a,
	               &applied));
	if (applied > 0)
		log_info("schema migrated", LOG_CSTR("service", parts_services[i]->name),
		         LOG_U64("applied", applied));
	return STATUS_OK;
}

status hosting_migrate(const struct settings *s)
{
	struct arena a;
	status       st = STATUS_OK;

	arena_init(&a, MIGRATE_ARENA_BYTES);
	for (unsigned i = 0; i < PARTS_SERVICES && st.code == CODE_OK; i++) {
		if (!s->parts.has_service[i])
			continue;
		st = migrate(s, i, &a);
		if (st.code != CODE_OK)
			log_error("migration failed", LOG_CSTR("service", parts_services[i]->name),
			          LOG_CODE(st), LOG_REASON(st));
	}
	arena_fini(&a);
	return st.code == CODE_OK ? STATUS_OK
	                          : status_error(st.code, "the schema is not up to date");
}

static void describe(struct hosting *h, unsigned i)
{
	const struct database_config *db = &h->settings->database;

	h->hosts[i] = (struct runtime_service_host){
	        .service = parts_services[i],
	        .cfg = {.db_url = settings_db_url(h->settings, i),
	                .db_read_connections = db->db_read_connections,
	                .db_write_connections = db->db_write_connections,
	                .db_statement_timeout_ms = db->db_statement_timeout_ms,
	                .db_lock_timeout_ms = db->db_lock_timeout_ms,
	                .max_calls = h->settings->process.max_calls},
	        .config = h->settings->services[i],
	        .keys = &h->settings->keys,
	        .tls = settings_tls(h->settings),
	        .offload = h->offload,
	        .addresses = h->settings->addresses,
	        .listen = h->settings->listen[i],
	};
}

status hosting_start(struct hosting *h, const struct settings *s)
{
	*h = (struct hosting){.settings = s};
	TRY(offload_new(0, MAX_OFFLOADED, &h->offload));
	for (unsigned i = 0; i < PARTS_SERVICES; i++) {
		status st;

		if (!s->parts.has_service[i])
			continue;
		describe(h, i);
		st = runtime_service_start(&h->hosts[i], &h->workers[i]);
		if (st.code != CODE_OK) {
			hosting_stop(h);
			return st;
		}
	}
	return STATUS_OK;
}

bool hosting_is_ready(const struct hosting *h)
{
	for (unsigned i = 0; i < PARTS_SERVICES; i++)
		if (!runtime_worker_is_ready(h->workers[i]))
			return false;
	return true;
}

void hosting_stop(struct hosting *h)
{
	for (unsigned i = PARTS_SERVICES; i-- > 0;) {
		runtime_worker_free(h->workers[i],
		                    h->settings ? h->settings->process.drain_timeout_ms : 0);
		h->workers[i] = NULL;
	}
	offload_free(h->offload);
	h->offload = NULL;
}
