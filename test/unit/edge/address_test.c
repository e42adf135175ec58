#include "edge/address.h"

#include "test/support/test.h"

static struct arena arena;

static void assert_chosen(const char *peer, const char *forwarded, const char *trusted,
                          const char *expected)
{
	arena_init(&arena, 4096);
	assert_str(edge_address_choose(str_c(peer), str_c(forwarded), str_c(trusted), &arena),
	           expected);
	arena_fini(&arena);
}

TEST(the_address_is_the_last_that_no_trusted_proxy_vouches_for)
{
	static const struct {
		const char *peer, *forwarded, *trusted, *expected;
	} cases[] = {
	        {"192.0.2.1", "", "", "192.0.2.1"},
	        {"192.0.2.1", "198.51.100.7", "", "192.0.2.1"},
	        {"192.0.2.1", "198.51.100.7", "192.0.2.2", "192.0.2.1"},
	        {"192.0.2.1", "198.51.100.7", "192.0.2.1", "198.51.100.7"},
	        {"192.0.2.1", "203.0.113.9, 198.51.100.7", "192.0.2.1", "198.51.100.7"},
	        {"192.0.2.1", "203.0.113.9, 198.51.100.7", "192.0.2.1, 198.51.100.0/24",
	         "203.0.113.9"},
	        {"192.0.2.129", "198.51.100.7", "192.0.2.0/25", "192.0.2.129"},
	        {"192.0.2.127", "198.51.100.7", "192.0.2.0/25", "198.51.100.7"},
	        {"192.0.2.1", "nonsense", "192.0.2.1", "192.0.2.1"},
	        {"192.0.2.1", "203.0.113.9, nonsense", "192.0.2.1", "192.0.2.1"},
	        {"192.0.2.1", ",,", "192.0.2.1", "192.0.2.1"},
	        {"::ffff:192.0.2.1", "198.51.100.7", "192.0.2.1", "198.51.100.7"},
	        {"2001:db8::1", "198.51.100.7", "2001:db8::/32", "198.51.100.7"},
	        {"2001:db9::1", "198.51.100.7", "2001:db8::/32", "2001:db9::1"},
	        {"192.0.2.1", "2001:db8::7", "0.0.0.0/0", "2001:db8::7"},
	        {"2001:db8::1", "198.51.100.7", "0.0.0.0/0", "2001:db8::1"},
	        {"192.0.2.1", "198.51.100.7", "192.0.2.1/99", "192.0.2.1"},
	        {"", "198.51.100.7", "::/0", ""},
	        /* 96 more would wrap around to nothing at all. */
	        {"192.0.2.1", "198.51.100.7", "0.0.0.0/18446744073709551520", "192.0.2.1"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_chosen(cases[i].peer, cases[i].forwarded, cases[i].trusted,
		              cases[i].expected);
}

TEST(a_list_of_proxies_is_checked_whole)
{
	static const struct {
		const char *list;
		bool        is_fine;
	} cases[] = {
	        {"", true},
	        {"192.0.2.1", true},
	        {"192.0.2.0/24, 2001:db8::/32 ,::1", true},
	        {"192.0.2.0/33", false},
	        {"2001:db8::/129", false},
	        {"192.0.2.0/", false},
	        {"proxy.example", false},
	        {"192.0.2.1,,192.0.2.2", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(edge_address_are_networks(str_c(cases[i].list)), cases[i].is_fine);
}

TEST_MAIN()
