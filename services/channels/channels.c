#include "services/channels/channels.h"

#include "base/mem.h"
#include "canaduck/channels/v1/channels.server.h"
#include "migrations/migrations.h"
#include "outbox/bookmark.h"
#include "services/channels/departure.h"
#include "services/people/follow.h"

PEOPLE_QUERIES(people_queries, "channels");
OUTBOX_BOOKMARKS(bookmarks, "channels");
PEOPLE_FOLLOW(follow_users, struct channels);

static const struct config_field config_fields[] = {{0}};

static status start(const struct runtime_env *env, void **out_app)
{
	struct channels *app = mem_zalloc(sizeof *app);

	app->db = env->db;
	app->people = (struct people){.db = env->db,
	                              .users = env->clients[0],
	                              .queries = &people_queries,
	                              .bookmarks = &bookmarks,
	                              .on_deleted = channels_departure_run};
	*out_app = app;
	return STATUS_OK;
}

const struct runtime_service channels_runtime = {
        .name = "channels",
        .handlers = &channels_handlers,
        .outbox = &channels_outbox,
        .streams = (const struct runtime_stream[]){{"users", &follow_users}, {0}},
        .schema = &migrations_channels,
        .needs = (const char *const[]){"users", NULL},
        .config_fields = config_fields,
        .start = start,
        .stop = mem_free,
};
