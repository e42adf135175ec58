/*
 * users/users.h - the context of the users service: what its handlers share.
 */
#ifndef SERVICES_USERS_USERS_H
#define SERVICES_USERS_USERS_H

#include <stdint.h>

#include "auth/password.h"
#include "runtime/service.h"

struct db;
struct offload;
struct rpc_client;

struct users_config {
	const char *jwt_secret;
	uint32_t    jwt_ttl_s;
	uint32_t    refresh_ttl_days;
	uint32_t    password_memory_kib;
	uint32_t    password_passes;
	uint32_t    register_limit;
};

struct users {
	const struct users_config *cfg;
	struct db                 *db;
	struct offload            *offload;
	struct rpc_client         *channels;
	struct password_cost       password_cost;
};

/* How the executable hosts it. */
extern const struct runtime_service users_runtime;

/* What it tells: services/users/events.c. */
extern const struct outbox users_outbox;

#endif
