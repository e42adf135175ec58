#include "db/admin.h"
#include "db/query.h"
#include "migrations/migrations.h"
#include "services/channels/channels.h"
#include "services/incidents/incidents.h"
#include "services/messages/messages.h"
#include "services/stats/stats.h"
#include "services/users/users.h"
#include "test/support/pg.h"
#include "test/support/test.h"

#include <stdio.h>
#include <string.h>

/* Naming them links their queries in. */
static const struct runtime_service *const services[] = {
        &users_runtime, &channels_runtime, &messages_runtime, &stats_runtime, &incidents_runtime};

enum { N_SERVICES = sizeof services / sizeof *services };

static char url[PG_URL_BYTES];

static int migrate(void **state __attribute__((unused)))
{
	struct arena a;
	unsigned     applied;

	arena_init(&a, 1024 * 1024);
	pg_shared_database(url);
	for (size_t i = 0; i < N_SERVICES; i++)
		assert_status(db_migrate(url, services[i]->schema, 30000, &a, &applied), CODE_OK);
	arena_fini(&a);
	return 0;
}

TEST(every_query_fits_the_migrated_schema)
{
	struct arena a;
	size_t       count, linked;

	arena_init(&a, 1024 * 1024);
	assert_status(db_prepare_all(url, &a, &count), CODE_OK);
	db_queries(&linked);
	assert_int_equal(count, linked);
	arena_fini(&a);
}

TEST(every_service_has_queries_in_its_own_schema_only)
{
	size_t                        count;
	const struct db_query *const *queries = db_queries(&count);

	for (size_t i = 0; i < N_SERVICES; i++) {
		char   folder[64], schema[64];
		size_t own = 0;

		snprintf(folder, sizeof folder, "services/%s/", services[i]->name);
		snprintf(schema, sizeof schema, "%s.", services[i]->name);
		for (size_t k = 0; k < count; k++) {
			if (strstr(queries[k]->file, folder) == NULL)
				continue;
			own++;
			for (size_t other = 0; other < N_SERVICES; other++) {
				char prefix[64];

				snprintf(prefix, sizeof prefix, " %s.", services[other]->name);
				if (other != i && strstr(queries[k]->sql, prefix))
					fail_msg("%s in %s reads %s", queries[k]->name,
					         queries[k]->file, prefix);
			}
			if (strstr(queries[k]->sql, schema) == NULL)
				fail_msg("%s in %s reads nothing of its own", queries[k]->name,
				         queries[k]->file);
		}
		assert_true(own > 0);
	}
}

TEST_MAIN(migrate, NULL)
