#include "services/messages/messages.h"

#include "base/mem.h"
#include "canaduck/messages/v1/messages.server.h"
#include "migrations/migrations.h"
#include "outbox/bookmark.h"
#include "services/messages/follow_channels.h"
#include "services/people/follow.h"

PEOPLE_QUERIES(people_queries, "messages");
OUTBOX_BOOKMARKS(bookmarks, "messages");
PEOPLE_FOLLOW(follow_users, struct messages);

static const struct config_field config_fields[] = {{0}};

static status start(const struct runtime_env *env, void **out_app)
{
	struct messages *app = mem_zalloc(sizeof *app);

	app->db = env->db;
	app->channels = env->clients[0];
	app->people = (struct people){.db = env->db,
	                              .users = env->clients[1],
	                              .queries = &people_queries,
	                              .bookmarks = &bookmarks};
	app->publisher = env->publisher;
	*out_app = app;
	return STATUS_OK;
}

const struct runtime_service messages_runtime = {
        .name = "messages",
        .handlers = &messages_handlers,
        .outbox = &messages_outbox,
        .streams = (const struct runtime_stream[]){{"users", &follow_users},
                                                   {"channels", &messages_follow_channels},
                                                   {0}},
        .schema = &migrations_messages,
        .needs = (const char *const[]){"channels", "users", NULL},
        .config_fields = config_fields,
        .start = start,
        .stop = mem_free,
};
