#include "services/users/users.h"

#include "base/mem.h"
#include "canaduck/users/v1/users.server.h"
#include "migrations/migrations.h"

static const struct config_field config_fields[] = {
        CONFIG_SECRET(struct users_config, jwt_secret, "JWT_SECRET", NULL, 32,
                      "signs access tokens; at least 32 bytes"),
        CONFIG_U32(struct users_config, jwt_ttl_s, "JWT_TTL", 86400, 60, 604800,
                   "life of an access token, in seconds"),
        CONFIG_U32(struct users_config, refresh_ttl_days, "REFRESH_TTL_DAYS", 365, 1, 3650,
                   "life of a refresh token, in days"),
        CONFIG_U32(struct users_config, password_memory_kib, "PASSWORD_MEMORY_KIB", 65536, 8,
                   1048576, "Argon2id memory of one password hash, in KiB"),
        CONFIG_U32(struct users_config, password_passes, "PASSWORD_PASSES", 2, 1, 16,
                   "Argon2id passes of one password hash"),
        CONFIG_U32(struct users_config, register_limit, "REGISTER_LIMIT", 1000, 0, 1000000,
                   "registrations an hour from one address; 0: no limit"),
        {0},
};

static status start(const struct runtime_env *env, void **out_app)
{
	struct users *app = mem_zalloc(sizeof *app);

	app->cfg = env->config;
	app->db = env->db;
	app->offload = env->offload;
	app->channels = env->clients[0];
	app->password_cost = (struct password_cost){.memory_kib = app->cfg->password_memory_kib,
	                                            .passes = app->cfg->password_passes};
	*out_app = app;
	return STATUS_OK;
}

const struct runtime_service users_runtime = {
        .name = "users",
        .handlers = &users_handlers,
        .outbox = &users_outbox,
        .schema = &migrations_users,
        .needs = (const char *const[]){"channels", NULL},
        .config_fields = config_fields,
        .config_bytes = sizeof(struct users_config),
        .start = start,
        .stop = mem_free,
};
