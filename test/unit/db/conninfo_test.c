#include "db/conninfo.h"

#include "db/resolve.h"
#include "test/support/test.h"

#include <string.h>

static const struct db_conninfo_options options = {.application_name = "users",
                                                   .settings = "-c enable_seqscan=off",
                                                   .is_read_only = true,
                                                   .statement_timeout_ms = 7000,
                                                   .lock_timeout_ms = 300};

TEST(what_was_given_stays_and_ours_is_added)
{
	struct arena       a;
	struct db_conninfo info;
	const char        *server;

	arena_init(&a, 0);
	assert_status(
	        db_conninfo_parse(&a, "postgresql://me@h1,h2:5433/base?options=-c%20work_mem%3D8MB",
	                          &options, &info),
	        CODE_OK);
	assert_string_equal(db_conninfo_get(&info, "host"), "h1,h2");
	assert_string_equal(db_conninfo_get(&info, "dbname"), "base");
	assert_string_equal(db_conninfo_get(&info, "application_name"), "users");
	assert_string_equal(db_conninfo_get(&info, "gssencmode"), "disable");
	assert_null(db_conninfo_get(&info, "hostaddr"));
	server = db_conninfo_get(&info, "options");
	assert_non_null(strstr(server, "-c work_mem=8MB"));
	assert_non_null(strstr(server, "-c statement_timeout=7000"));
	assert_non_null(strstr(server, "-c jit=off -c max_parallel_workers_per_gather=0"));
	assert_non_null(strstr(server, "-c lock_timeout=300"));
	assert_non_null(strstr(server, "-c enable_seqscan=off"));
	assert_non_null(strstr(server, "-c default_transaction_read_only=on"));
	assert_null(info.keys[info.n]);
	assert_null(info.values[info.n]);
	arena_fini(&a);
}

TEST(resolved_hosts_replace_names)
{
	const struct db_hosts hosts = {
	        .names = "h,h", .addresses = "::1,127.0.0.1", .ports = "1,1"};
	struct arena       a;
	struct db_conninfo info, resolved;

	arena_init(&a, 0);
	assert_status(db_conninfo_parse(&a, "host=h port=1 dbname=d", &options, &info), CODE_OK);
	resolved = db_conninfo_with_hosts(&a, &info, &hosts);
	assert_string_equal(db_conninfo_get(&resolved, "host"), "h,h");
	assert_string_equal(db_conninfo_get(&resolved, "hostaddr"), "::1,127.0.0.1");
	assert_string_equal(db_conninfo_get(&resolved, "port"), "1,1");
	assert_string_equal(db_conninfo_get(&resolved, "dbname"), "d");
	assert_string_equal(db_conninfo_get(&info, "host"), "h");
	arena_fini(&a);
}

TEST(a_bad_string_is_refused_without_repeating_it)
{
	struct arena       a;
	struct db_conninfo info;
	status             st;

	arena_init(&a, 0);
	st = db_conninfo_parse(&a, "password=x secret", &options, &info);
	assert_status(st, CODE_INVALID_ARGUMENT);
	assert_null(strstr(st.msg, "secret"));
	arena_fini(&a);
}

TEST_MAIN()
