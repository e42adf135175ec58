#include "test/support/test.h"

#include "codegen/names.h"

struct names_case {
	const char *in, *out;
};

static void check(char *(*fn)(struct arena *, const char *), const struct names_case *cases)
{
	struct arena a;

	arena_init(&a, SIZE_MAX);
	for (; cases->in; cases++)
		assert_string_equal(fn(&a, cases->in), cases->out);
	arena_fini(&a);
}

TEST(lower_is_snake_case_joined_by_two_underscores)
{
	static const struct names_case cases[] = {
	        {"GetMe", "get_me"},
	        {"Users", "users"},
	        {"HTTPRule", "httprule"},
	        {"canaduck.users.v1.GetMe", "canaduck__users__v1__get_me"},
	        {"snake_case", "snake_case"},
	        {NULL, NULL},
	};

	check(codegen_names_lower, cases);
}

TEST(upper_is_the_same_in_capitals)
{
	static const struct names_case cases[] = {
	        {"demo.v1.Outer._opt_i", "DEMO__V1__OUTER___OPT_I"},
	        {"GetMe", "GET_ME"},
	        {NULL, NULL},
	};

	check(codegen_names_upper, cases);
}

TEST(types_are_camel_case)
{
	static const struct names_case cases[] = {
	        {"canaduck.users.v1.GetMe", "Canaduck__Users__V1__GetMe"},
	        {"a_b.c_d", "AB__CD"},
	        {NULL, NULL},
	};

	check(codegen_names_c_type, cases);
}

TEST(members_are_lower_case_and_no_keyword)
{
	static const struct names_case cases[] = {
	        {"private", "private_"}, {"delete", "delete_"}, {"Name", "name"},
	        {"email", "email"},      {NULL, NULL},
	};

	check(codegen_names_c_member, cases);
}

TEST(the_prefix_is_the_part_before_the_version)
{
	static const struct names_case cases[] = {
	        {"canaduck.users.v1", "users"},
	        {"sample.v12", "sample"},
	        {"canaduck.users", "users"},
	        {"sample", "sample"},
	        {"a.b.version", "version"},
	        {"v1", "v1"},
	        {NULL, NULL},
	};

	check(codegen_names_prefix, cases);
}

TEST(prefixes_that_others_have_are_avoided)
{
	static const struct names_case cases[] = {
	        {"canaduck.rpc.v1", "rpcv1"},
	        {"google.protobuf", "pb"},
	        {NULL, NULL},
	};

	check(codegen_names_prefix, cases);
}

TEST_MAIN()
