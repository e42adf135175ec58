#include "events/url.h"

#include "test/support/test.h"

#include <string.h>

TEST(an_address_becomes_that_of_nng)
{
	static const struct {
		const char *given, *written;
	} cases[] = {{"inproc://users.events", "inproc://users.events"},
	             {"ipc:///run/users.events", "ipc:///run/users.events"},
	             {"tcp://127.0.0.1:7001", "tcp://127.0.0.1:7001"},
	             {"tls+tcp://10.0.0.1:7001", "tls+tcp://10.0.0.1:7001"},
	             {"insecure+tcp://10.0.0.1:7001", "tcp://10.0.0.1:7001"}};
	char url[EVENTS_MAX_URL];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_status(events_url(str_c(cases[i].given), false, url), CODE_OK);
		assert_string_equal(url, cases[i].written);
	}
}

TEST(what_is_no_address_is_refused)
{
	static const char *const cases[] = {"", "users", "ipc://", "http://x", "tcp:", "ws://a:1"};
	char                     url[EVENTS_MAX_URL];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_status(events_url(str_c(cases[i]), true, url), CODE_INVALID_ARGUMENT);
}

TEST(only_the_publics_events_leave_the_machine_in_the_clear)
{
	char url[EVENTS_MAX_URL];

	assert_status(events_url(STR("tcp://10.0.0.1:7001"), false, url), CODE_INVALID_ARGUMENT);
	assert_status(events_url(STR("tcp://10.0.0.1:7001"), true, url), CODE_OK);
	assert_string_equal(url, "tcp://10.0.0.1:7001");
}

TEST(an_address_that_is_too_long_is_refused)
{
	char given[EVENTS_MAX_URL + 8] = "ipc://", url[EVENTS_MAX_URL];

	memset(given + 6, 'a', sizeof given - 7);
	assert_status(events_url(str_c(given), false, url), CODE_INVALID_ARGUMENT);
}

TEST_MAIN()
