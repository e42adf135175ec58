/* The role of incidents is no superuser: what it needs of PostGIS, and what it says without. */
#include "db/admin.h"
#include "services/incidents/incidents.h"
#include "test/support/pg.h"
#include "test/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char url[PG_URL_BYTES], role_url[PG_URL_BYTES];

/* The same database for the role that roles.sql makes. */
static void set_role_url(void)
{
	const char *rest = strstr(url, "postgres@");

	assert_non_null(rest);
	snprintf(role_url, sizeof role_url, "%.*scanaduck_incidents@%s", (int)(rest - url), url,
	         rest + strlen("postgres@"));
}

static void run_roles(void)
{
	char command[512];

	snprintf(command, sizeof command,
	         "psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=%s '%s' 2>/dev/null",
	         ROLES_SQL, url);
	assert_int_equal(system(command), 0);
}

/* In an empty database, with its role and schema; with PostGIS, or without. */
static void set_up(bool has_postgis)
{
	pg_shared_database(url);
	set_role_url();
	run_roles();
	if (!has_postgis)
		pg_exec(url, "DROP EXTENSION postgis");
}

TEST(a_service_of_its_own_role_migrates_and_works)
{
	struct arena a;
	unsigned     applied;
	size_t       n;

	set_up(true);
	arena_init(&a, 1024 * 1024);
	assert_status(db_migrate(role_url, incidents_runtime.schema, 30000, &a, &applied), CODE_OK);
	assert_int_equal(applied, incidents_runtime.schema->n_migrations);
	assert_status(db_prepare_all(role_url, &a, &n), CODE_OK);
	assert_true(n > 0);
	arena_fini(&a);
	/* It may not write outside its schema. */
	pg_exec(url, "DO $$ BEGIN"
	             " ASSERT NOT has_table_privilege('canaduck_incidents', 'spatial_ref_sys',"
	             "                                'INSERT, UPDATE, DELETE');"
	             " ASSERT NOT has_schema_privilege('canaduck_incidents', 'public', 'CREATE');"
	             "END $$");
}

TEST(without_postgis_it_says_what_is_missing_and_who_can_help)
{
	struct arena a;
	unsigned     applied;
	status       st;

	set_up(false);
	arena_init(&a, 1024 * 1024);
	st = db_migrate(role_url, incidents_runtime.schema, 30000, &a, &applied);
	assert_int_not_equal(st.code, CODE_OK);
	assert_non_null(strstr(st.msg, "0001_create_incidents.sql"));
	assert_non_null(strstr(st.msg, "PostGIS is missing in database"));
	assert_non_null(strstr(st.msg, "CREATE EXTENSION postgis"));
	arena_fini(&a);
	/* A superuser's migration creates it. */
	arena_init(&a, 1024 * 1024);
	assert_status(db_migrate(url, incidents_runtime.schema, 30000, &a, &applied), CODE_OK);
	arena_fini(&a);
}

TEST_MAIN(NULL, NULL)
