#include "services/canaduck/parts.h"

#include "canaduck/channels/v1/channels.rpc.h"
#include "canaduck/incidents/v1/incidents.rpc.h"
#include "canaduck/messages/v1/messages.rpc.h"
#include "canaduck/stats/v1/stats.rpc.h"
#include "canaduck/users/v1/users.rpc.h"
#include "services/channels/channels.h"
#include "services/incidents/incidents.h"
#include "services/messages/messages.h"
#include "services/stats/stats.h"
#include "services/users/users.h"

#include <string.h>

const struct runtime_service *const parts_services[PARTS_SERVICES] = {
        &users_runtime, &channels_runtime, &messages_runtime, &stats_runtime, &incidents_runtime,
};

const struct rpc_service *const parts_tables[PARTS_SERVICES + 1] = {
        &users_service, &channels_service,  &messages_service,
        &stats_service, &incidents_service, NULL,
};

struct parts parts_all(void)
{
	struct parts p = {.has_edge = true};

	for (unsigned i = 0; i < PARTS_SERVICES; i++)
		p.has_service[i] = true;
	return p;
}

static bool choose_one(const char *word, struct parts *p)
{
	if (strcmp(word, "all") == 0) {
		*p = parts_all();
		return true;
	}
	if (strcmp(word, "edge") == 0)
		return p->has_edge = true;
	for (unsigned i = 0; i < PARTS_SERVICES; i++)
		if (strcmp(word, parts_services[i]->name) == 0)
			return p->has_service[i] = true;
	return false;
}

bool parts_choose(int n, char *const *words, struct parts *out_parts)
{
	struct parts p = {0};

	for (int i = 0; i < n; i++)
		if (!choose_one(words[i], &p))
			return false;
	if (n < 1)
		return false;
	*out_parts = p;
	return true;
}

bool parts_has_services(const struct parts *p)
{
	for (unsigned i = 0; i < PARTS_SERVICES; i++)
		if (p->has_service[i])
			return true;
	return false;
}
