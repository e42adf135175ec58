#include "services/stats/stats.h"

#include "base/mem.h"
#include "canaduck/stats/v1/events.schema.h"
#include "canaduck/stats/v1/stats.server.h"
#include "migrations/migrations.h"
#include "outbox/outbox.h"
#include "services/people/follow.h"
#include "services/stats/follow.h"
#include "services/stats/publishing.h"
#include "services/stats/recount.h"

OUTBOX_DEFINE(stats_outbox, "stats", &stats_figures_schema);
PEOPLE_QUERIES(people_queries, "stats");

/* A million messages take half a minute: as long as "stats rebuild" waits. */
enum { MAX_REBUILD_MS = 3600 * 1000 };

static const struct config_field config_fields[] = {{0}};

static status start(const struct runtime_env *env, void **out_app)
{
	struct stats *app = mem_zalloc(sizeof *app);

	app->db = env->db;
	app->messages = env->clients[0];
	app->channels = env->clients[1];
	app->people = (struct people){.db = env->db,
	                              .users = env->clients[2],
	                              .queries = &people_queries,
	                              .bookmarks = stats_recount_bookmarks};
	app->publishing = stats_publishing_new(app, env);
	*out_app = app;
	return STATUS_OK;
}

static void stop(void *arg)
{
	struct stats *app = arg;

	stats_publishing_free(app->publishing);
	mem_free(app);
}

const struct runtime_service stats_runtime = {
        .name = "stats",
        .handlers = &stats_handlers,
        .outbox = &stats_outbox,
        .streams = (const struct runtime_stream[]){{"messages", &stats_follow_messages},
                                                   {"channels", &stats_follow_channels},
                                                   {"users", &stats_follow_users},
                                                   {0}},
        .schema = &migrations_stats,
        .needs = (const char *const[]){"messages", "channels", "users", NULL},
        .config_fields = config_fields,
        .max_timeout_ms = MAX_REBUILD_MS,
        .start = start,
        .stop = stop,
};
