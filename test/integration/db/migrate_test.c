#include "db/migrate.h"

#include "db/admin.h"
#include "db/query.h"
#include "migrations/migrations.h"
#include "test/support/pg.h"
#include "test/support/test.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMEOUT_MS = 10000 };

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static const char *new_database(void)
{
	char url[PG_URL_BYTES];

	pg_shared_database(url);
	return arena_cstr(&arena, str_c(url));
}

/* Migrates by a list of names and texts, NULL-terminated. */
static status migrate(const char *url, const char *const files[][2], unsigned *out_n)
{
	struct db_migration migrations[8];
	struct db_schema    schema = {"things", migrations, 0};

	for (; files[schema.n_migrations][0]; schema.n_migrations++)
		migrations[schema.n_migrations] = (struct db_migration){
		        files[schema.n_migrations][0], str_c(files[schema.n_migrations][1])};
	return db_migrate(url, &schema, TIMEOUT_MS, &arena, out_n);
}

#define FIRST                                                                                      \
	{                                                                                          \
		"0001_a.sql", "CREATE TABLE things.a (id int); INSERT INTO things.a VALUES (1);"   \
	}
#define SECOND                                                                                     \
	{                                                                                          \
		"0002_b.sql", "CREATE TABLE things.b (id int);"                                    \
	}

TEST(every_embedded_migration_applies_once)
{
	const char *url = new_database();

	assert_true(migrations_n_schemas >= 3);
	for (size_t i = 0; i < migrations_n_schemas; i++) {
		const struct db_schema *schema = migrations_schemas[i];
		unsigned                n = 99;

		assert_status(db_migrate(url, schema, TIMEOUT_MS, &arena, &n), CODE_OK);
		assert_int_equal(n, schema->n_migrations);
		assert_status(db_migrate(url, schema, TIMEOUT_MS, &arena, &n), CODE_OK);
		assert_int_equal(n, 0);
	}
}

TEST(what_is_new_is_applied_in_order)
{
	static const char *const one[][2] = {FIRST, {NULL}};
	static const char *const two[][2] = {FIRST, SECOND, {NULL}};
	const char              *url = new_database();
	unsigned                 n;

	assert_status(migrate(url, one, &n), CODE_OK);
	assert_int_equal(n, 1);
	assert_status(migrate(url, two, &n), CODE_OK);
	assert_int_equal(n, 1);
	pg_exec(url, "SELECT id FROM things.b");
}

TEST(a_failing_migration_is_rolled_back_and_named)
{
	static const char *const bad[][2] = {
	        FIRST, {"0002_bad.sql", "CREATE TABLE things.b (id int); SELECT nothing;"}, {NULL}};
	static const char *const good[][2] = {FIRST, SECOND, {NULL}};
	const char              *url = new_database();
	unsigned                 n = 7;
	status                   st = migrate(url, bad, &n);

	assert_status(st, CODE_INTERNAL);
	assert_non_null(strstr(st.msg, "0002_bad.sql"));
	assert_non_null(strstr(st.msg, "nothing"));
	assert_int_equal(n, 7);
	assert_status(migrate(url, good, &n), CODE_OK);
	assert_int_equal(n, 1);
}

TEST(an_edited_and_a_misnumbered_migration_are_refused)
{
	static const struct {
		const char *files[3][2];
		const char *named;
	} cases[] = {
	        {{{"0001_a.sql", "SELECT 1"}, SECOND, {NULL}}, "0001_a.sql"},
	        {{{"0001_z.sql",
	           "CREATE TABLE things.a (id int); INSERT INTO things.a VALUES (1);"},
	          SECOND,
	          {NULL}},
	         "0001_a.sql"},
	        {{FIRST, {"0003_c.sql", "SELECT 1"}, {NULL}}, "0003_c.sql"},
	};
	static const char *const two[][2] = {FIRST, SECOND, {NULL}};
	const char              *url = new_database();
	unsigned                 n;

	assert_status(migrate(url, two, &n), CODE_OK);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		status st = migrate(url, cases[i].files, &n);

		assert_status(st, CODE_FAILED_PRECONDITION);
		assert_non_null(strstr(st.msg, cases[i].named));
	}
}

TEST(the_release_before_starts_on_a_later_schema)
{
	static const char *const one[][2] = {FIRST, {NULL}}, *const two[][2] = {
	                                                             FIRST, SECOND, {NULL}};
	const char *url = new_database();
	unsigned    n;

	assert_status(migrate(url, two, &n), CODE_OK);
	assert_status(migrate(url, one, &n), CODE_OK);
	assert_int_equal(n, 0);
}

TEST(a_migration_that_ends_its_transaction_is_refused)
{
	static const char *const files[][2] = {{"0001_a.sql", "SELECT 1; COMMIT;"}, {NULL}};
	unsigned                 n;

	assert_status(migrate(new_database(), files, &n), CODE_INTERNAL);
}

static const char *const concurrent[][2] = {FIRST,
                                            {"0002_index.sql",
                                             "-- no transaction\n"
                                             "DROP INDEX CONCURRENTLY IF EXISTS things.a_idx;\n"
                                             "CREATE INDEX CONCURRENTLY a_idx ON things.a (id);\n"},
                                            {"0003_b.sql", "CREATE TABLE things.b (id int);"},
                                            {NULL}};

TEST(a_migration_without_transaction_runs_statement_by_statement)
{
	const char *url = new_database();
	unsigned    n;

	assert_status(migrate(url, concurrent, &n), CODE_OK);
	assert_int_equal(n, 3);
	pg_exec(url, "DROP INDEX things.a_idx");
}

struct racer {
	pthread_t    thread;
	const char  *url;
	struct arena arena;
	status       st;
	unsigned     n;
};

static void *race(void *arg)
{
	struct racer       *r = arg;
	struct db_migration migrations[3];
	struct db_schema    schema = {"things", migrations, 3};

	for (size_t i = 0; i < 3; i++)
		migrations[i] = (struct db_migration){concurrent[i][0], str_c(concurrent[i][1])};
	r->st = db_migrate(r->url, &schema, TIMEOUT_MS, &r->arena, &r->n);
	return NULL;
}

TEST(of_runners_at_once_each_migration_is_applied_by_one)
{
	struct racer racers[6];
	const char  *url = new_database();
	unsigned     n = 0;

	for (size_t i = 0; i < 6; i++) {
		racers[i] = (struct racer){.url = url};
		arena_init(&racers[i].arena, 0);
		assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
	}
	for (size_t i = 0; i < 6; i++)
		pthread_join(racers[i].thread, NULL);
	for (size_t i = 0; i < 6; i++) {
		assert_status(racers[i].st, CODE_OK);
		n += racers[i].n;
		arena_fini(&racers[i].arena);
	}
	assert_int_equal(n, 3);
}

TEST(a_runner_that_waits_too_long_gives_up_and_a_killed_one_is_followed)
{
	static const char *const slow[][2] = {
	        {"0001_slow.sql", "CREATE TABLE things.a (id int); SELECT pg_sleep(30);"}, {NULL}};
	struct db_migration    quick = {"0001_slow.sql", STR("CREATE TABLE things.a (id int);")};
	const struct db_schema schema = {"things", &quick, 1};
	const char            *url = new_database();
	unsigned               n;
	status                 st = STATUS_OK;
	pid_t                  pid;

	/* The tables are there, so that the runners meet at the lock. */
	assert_status(
	        db_migrate(url, &(struct db_schema){"things", NULL, 0}, TIMEOUT_MS, &arena, &n),
	        CODE_OK);
	pid = fork();
	if (pid == 0)
		_exit(migrate(url, slow, &n).code != CODE_OK);
	/* It has the lock once a probe does not get it. */
	do {
		const struct db_schema probe = {"things", NULL, 0};

		st = db_migrate(url, &probe, 0, &arena, &n);
	} while (st.code == CODE_OK);
	assert_status(st, CODE_UNAVAILABLE);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_status(db_migrate(url, &schema, TIMEOUT_MS, &arena, &n), CODE_OK);
	assert_int_equal(n, 1);
}

TEST(a_server_that_is_not_there_is_unavailable_in_time)
{
	const struct db_schema schema = {"things", NULL, 0};
	unsigned               n;

	assert_status(db_migrate("postgresql:///x?host=/nowhere", &schema, 200, &arena, &n),
	              CODE_UNAVAILABLE);
	assert_status(db_migrate("nonsense", &schema, 200, &arena, &n), CODE_INVALID_ARGUMENT);
}

TEST(a_wrong_query_is_found_by_preparing_all)
{
	const char *url = new_database();
	size_t      n;
	status      st = db_prepare_all(url, &arena, &n);

	assert_status(st, CODE_INTERNAL);
	assert_non_null(strstr(st.msg, "needs_a_table"));
	pg_exec(url, "CREATE TABLE missing (id int)");
	assert_status(db_prepare_all(url, &arena, &n), CODE_OK);
	assert_true(n >= 1);
}

DB_QUERY(needs_a_table, "SELECT id FROM missing WHERE id = $1");

TEST_MAIN(setup, teardown)
