#include "services/incidents/incidents.h"

#include "base/mem.h"
#include "canaduck/incidents/v1/incidents.server.h"
#include "db/db.h"
#include "migrations/migrations.h"
#include "outbox/bookmark.h"
#include "services/incidents/moderation.h"
#include "services/incidents/report.h"
#include "services/people/follow.h"

PEOPLE_QUERIES_WITH_ROLES(people_queries, "incidents");
OUTBOX_BOOKMARKS(bookmarks, "incidents");
PEOPLE_FOLLOW(follow_users, struct incidents);

static const struct config_field config_fields[] = {
        CONFIG_U32(struct incidents_config, moderation_interval_s, "MODERATION_INTERVAL", 60, 1,
                   86400, "how often incidents past their time are deleted, in seconds"),
        {0},
};

static status start(const struct runtime_env *env, void **out_app)
{
	const struct incidents_config *cfg = env->config;
	struct incidents              *app = mem_zalloc(sizeof *app);

	app->db = env->db;
	app->people = (struct people){.db = env->db,
	                              .users = env->clients[0],
	                              .queries = &people_queries,
	                              .bookmarks = &bookmarks,
	                              .on_deleted = incidents_report_forget};
	app->moderation = incidents_moderation_new(env, cfg->moderation_interval_s);
	*out_app = app;
	return STATUS_OK;
}

static void stop(void *arg)
{
	struct incidents *app = arg;

	incidents_moderation_free(app->moderation);
	mem_free(app);
}

const struct runtime_service incidents_runtime = {
        .name = "incidents",
        .handlers = &incidents_handlers,
        .outbox = &incidents_outbox,
        .streams = (const struct runtime_stream[]){{"users", &follow_users}, {0}},
        .schema = &migrations_incidents,
        /*
         * PostgreSQL guesses badly how many places a circle holds, and a bitmap has all of them
         * before the first is looked at. No statement here needs one.
         */
        .db_settings = "-c enable_bitmapscan=off",
        .needs = (const char *const[]){"users", NULL},
        .config_fields = config_fields,
        .config_bytes = sizeof(struct incidents_config),
        .start = start,
        .stop = stop,
};
