#include "services/canaduck/events_address.h"

#include "test/support/test.h"

static struct arena a;

static int teardown(void **state __attribute__((unused)))
{
	arena_fini(&a);
	return 0;
}

TEST(events_are_beside_rpcs)
{
	assert_string_equal(events_address_of(&a, "inproc://users"), "inproc://users.events");
	assert_string_equal(events_address_of(&a, "ipc:///run/users.sock"),
	                    "ipc:///run/users.events");
	assert_string_equal(events_address_of(&a, "inproc://users, ipc:///run/users-1.sock"),
	                    "inproc://users.events,ipc:///run/users-1.events");
}

TEST(the_public_hears_outside_of_the_process_only)
{
	assert_string_equal(events_address_of_public(&a, "inproc://users,ipc:///run/users.sock"),
	                    "ipc:///run/users.events.public");
}

TEST(nothing_follows_from_a_port)
{
	assert_string_equal(events_address_of(&a, "tcp://127.0.0.1:7000"), "");
	assert_string_equal(events_address_of_public(&a, "tcp://127.0.0.1:7000,inproc://users"),
	                    "");
	assert_string_equal(events_address_of(&a, ""), "");
}

TEST_MAIN(NULL, teardown)
