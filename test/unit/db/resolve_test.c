#include "db/resolve.h"

#include "test/support/test.h"

#include <string.h>

TEST(only_names_need_resolution)
{
	static const struct {
		const char *hosts;
		bool        is_needed;
	} cases[] = {
	        {NULL, false},
	        {"", false},
	        {"/run/postgresql", false},
	        {"@abstract", false},
	        {"127.0.0.1", false},
	        {"::1", false},
	        {"db", true},
	        {"127.0.0.1,db", true},
	        {"/run,10.0.0.1", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(db_resolve_is_needed(cases[i].hosts), cases[i].is_needed);
}

TEST(every_address_of_a_name_becomes_a_host_in_step_with_its_port)
{
	struct arena    a;
	struct db_hosts found;
	size_t          n = 1, n_addresses = 1, n_ports = 1;

	arena_init(&a, 0);
	assert_status(db_resolve(&a, "/run,localhost", "1,2", &found), CODE_OK);
	for (const char *p = found.names; *p; p++)
		n += *p == ',';
	for (const char *p = found.addresses; *p; p++)
		n_addresses += *p == ',';
	for (const char *p = found.ports; *p; p++)
		n_ports += *p == ',';
	assert_true(n >= 2);
	assert_int_equal(n_addresses, n);
	assert_int_equal(n_ports, n);
	assert_true(str_starts(str_c(found.names), STR("/run,localhost")));
	assert_true(str_starts(str_c(found.addresses), STR(",")));
	assert_true(str_starts(str_c(found.ports), STR("1,2")));
	arena_fini(&a);
}

TEST(one_port_serves_all_and_none_stays_none)
{
	struct arena    a;
	struct db_hosts found;

	arena_init(&a, 0);
	assert_status(db_resolve(&a, "/a,/b", "5433", &found), CODE_OK);
	assert_string_equal(found.ports, "5433,5433");
	assert_status(db_resolve(&a, "/a,/b", NULL, &found), CODE_OK);
	assert_null(found.ports);
	arena_fini(&a);
}

TEST(a_name_without_address_is_unavailable)
{
	struct arena    a;
	struct db_hosts found;

	arena_init(&a, 0);
	/* RFC 6761 6.4: never resolves. */
	assert_status(db_resolve(&a, "nowhere.invalid", NULL, &found), CODE_UNAVAILABLE);
	arena_fini(&a);
}

TEST_MAIN()
