#include "certs/name.h"

#include "test/support/test.h"

TEST(names_of_hosts_and_addresses_are_told_from_anything_else)
{
	static const char long_label[] =
	        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	static const struct {
		str  name;
		bool is_valid, is_address;
	} cases[] = {
	        {STR("users"), true, false},
	        {STR("users.example.org"), true, false},
	        {STR("Edge-2.example"), true, false},
	        {STR("stack_users_1"), true, false},
	        {STR("3com.example"), true, false},
	        {STR("10.0.0.5"), true, true},
	        {STR("::1"), true, true},
	        {STR("fe80::1:2"), true, true},
	        {STR(""), false, false},
	        {STR("."), false, false},
	        {STR(".."), false, false},
	        {STR("../users"), false, false},
	        {STR("users."), false, false},
	        {STR(".users"), false, false},
	        {STR("a..b"), false, false},
	        {STR("-users"), false, false},
	        {STR("users-"), false, false},
	        {STR("*.example.org"), false, false},
	        {STR("us ers"), false, false},
	        {STR("caf\xc3\xa9"), false, false},
	        {STR("us\0ers"), false, false},
	        {STR("10.0.0.5\0"), false, false},
	        {STR("10.0.0.256"), false, false},
	        {STR("10.0.0"), false, false},
	        {STR("[::1]"), false, false},
	        {STR("users:7001"), false, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(certs_name_is_valid(cases[i].name), cases[i].is_valid);
		assert_int_equal(certs_name_is_address(cases[i].name), cases[i].is_address);
	}
	assert_true(certs_name_is_valid((str){long_label, 63}));
	assert_int_equal(sizeof long_label - 1, 63);
}

TEST(a_name_has_a_longest_form)
{
	char name[256];

	for (size_t i = 0; i < sizeof name; i++)
		name[i] = i % 50 == 49 ? '.' : 'a';
	assert_true(certs_name_is_valid((str){name, CERTS_MAX_NAME}));
	assert_false(certs_name_is_valid((str){name, CERTS_MAX_NAME + 1}));
	assert_false(certs_name_is_valid((str){name + 50, 0}));
	for (size_t i = 0; i < sizeof name; i++)
		name[i] = 'a';
	assert_false(certs_name_is_valid((str){name, 64}));
}

TEST_MAIN()
