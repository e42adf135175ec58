#include "services/users/account.h"

#include <string.h>

#include "services/users/avatar.h"
#include "test/support/test.h"

static struct arena arena;

static int setup(void **state __attribute__((unused)))
{
	arena_init(&arena, 65536);
	return 0;
}

static int teardown(void **state __attribute__((unused)))
{
	arena_fini(&arena);
	return 0;
}

TEST(a_name_is_folded_to_lower_case_without_its_at)
{
	static const struct {
		const char *name, *folded;
	} cases[] = {
	        {"roger", "roger"},
	        {"@Roger", "roger"},
	        {"ROGER_2.x-", "roger_2.x-"},
	        {"@@roger", "@roger"},
	        {"", ""},
	        {"@", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_str(users_account_fold(str_c(cases[i].name), &arena), cases[i].folded);
}

TEST(the_highest_role_is_shown_with_supmaps_number)
{
	static const str     roles[] = {STR("user"), STR("admin"), STR("poet")};
	struct users_account account = {.id = 7,
	                                .pseudo = arena_cstr(&arena, STR("roger")),
	                                .email = arena_cstr(&arena, STR("roger@example.org")),
	                                .status = arena_cstr(&arena, STR("online")),
	                                .roles = roles,
	                                .n_roles = 3};
	users_user           user;

	users_user_init(&user);
	users_account_to_user(&account, &arena, &user);
	assert_int_equal(user.role->id, 1);
	assert_string_equal(user.role->name, "ROLE_ADMIN");
	assert_string_equal(user.handle, "@roger");
	assert_int_equal(user.n_roles, 3);
	assert_false(users_user_has_profile_picture(&user));

	account.n_roles = 1;
	users_user_init(&user);
	users_account_to_user(&account, &arena, &user);
	assert_int_equal(user.role->id, 2);
	assert_string_equal(user.role->name, "ROLE_USER");
}

TEST(an_account_without_a_picture_gets_its_letter_as_svg)
{
	struct users_account account = {.id = 1, .pseudo = arena_cstr(&arena, STR("roger"))};
	const char          *avatar = users_avatar(&account, &arena);

	assert_true(str_starts(str_c(avatar), STR("data:image/svg+xml,%3Csvg ")));
	assert_non_null(strstr(avatar, "%3ER%3C/text%3E"));
	account.picture = arena_cstr(&arena, STR("https://example.org/r.png"));
	assert_string_equal(users_avatar(&account, &arena), "https://example.org/r.png");
}

TEST_MAIN(setup, teardown)
