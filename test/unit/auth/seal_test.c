#include "auth/seal.h"

#include "test/support/test.h"

#include <string.h>

static const struct identity_keys keys = {.current = {4, 2}, .current_id = 1};

TEST(a_seal_is_kept_for_half_its_time_and_valid_all_along)
{
	static const struct {
		int64_t now_s;
		bool    is_fresh;
	} cases[] = {{1000, true},  {1001, false}, {1029, false}, {1030, true},
	             {1059, false}, {1090, true},  {500, true},   {510, false}};
	const struct identity me = {.kind = IDENTITY_SERVICE, .name = STR("edge")};
	struct seal           seal = {0};
	char                  last[256] = "";
	size_t                last_len = 0;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct identity_sealed sealed;
		struct identity        who;
		struct arena           a;

		assert_status(seal_get(&seal, &keys, &me, 0, cases[i].now_s, 0, &sealed), CODE_OK);
		assert_true(sealed.identity.len < sizeof last);
		assert_int_equal(cases[i].is_fresh,
		                 !str_eq(sealed.identity, (str){last, last_len}));
		memcpy(last, sealed.identity.ptr, sealed.identity.len);
		last_len = sealed.identity.len;

		arena_init(&a, 4096);
		assert_status(identity_open(&keys, sealed, cases[i].now_s, &a, &who), CODE_OK);
		assert_int_equal(who.kind, IDENTITY_SERVICE);
		assert_str(who.name, "edge");
		arena_fini(&a);
	}
	seal_fini(&seal);
}

TEST(a_seal_is_made_afresh_when_more_is_known)
{
	const struct identity before = {
	        .kind = IDENTITY_ACCOUNT, .account_id = 7, .name = STR("a")};
	const struct identity after = {.kind = IDENTITY_ACCOUNT, .account_id = 7, .name = STR("b")};
	struct seal           seal = {0};
	struct identity_sealed sealed;
	struct identity        who;
	struct arena           a;

	arena_init(&a, 4096);
	assert_status(seal_get(&seal, &keys, &before, 1, 1000, 0, &sealed), CODE_OK);
	assert_status(seal_get(&seal, &keys, &after, 1, 1001, 0, &sealed), CODE_OK);
	assert_status(identity_open(&keys, sealed, 1001, &a, &who), CODE_OK);
	assert_str(who.name, "a");
	assert_status(seal_get(&seal, &keys, &after, 2, 1001, 0, &sealed), CODE_OK);
	assert_status(identity_open(&keys, sealed, 1001, &a, &who), CODE_OK);
	assert_str(who.name, "b");
	arena_fini(&a);
	seal_fini(&seal);
}

TEST(a_seal_ends_with_what_it_stands_for)
{
	const struct identity person = {
	        .kind = IDENTITY_ACCOUNT, .account_id = 7, .name = STR("a")};
	struct seal            seal = {0};
	struct identity_sealed sealed;
	struct identity        who;
	struct arena           a;

	arena_init(&a, 4096);
	for (int64_t now_s = 1000; now_s < 1010; now_s++) {
		assert_status(seal_get(&seal, &keys, &person, 0, now_s, 1010, &sealed), CODE_OK);
		assert_status(identity_open(&keys, sealed, now_s, &a, &who), CODE_OK);
		assert_int_equal(who.expire_time, 1010);
	}
	arena_fini(&a);
	seal_fini(&seal);
}

TEST_MAIN()
