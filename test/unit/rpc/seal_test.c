#include "rpc/seal.h"

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
	struct rpc_seal seal;
	char            last[256] = "";
	size_t          last_len = 0;

	rpc_seal_init(&seal, &keys, STR("edge"));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct identity_sealed sealed;
		struct identity        who;
		struct arena           a;

		assert_status(rpc_seal_get(&seal, cases[i].now_s, &sealed), CODE_OK);
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
	rpc_seal_fini(&seal);
}

TEST(without_keys_a_service_calls_as_nobody)
{
	struct identity_sealed sealed;
	struct rpc_seal        seal;

	rpc_seal_init(&seal, NULL, STR("edge"));
	assert_status(rpc_seal_get(&seal, 1000, &sealed), CODE_OK);
	assert_int_equal(sealed.identity.len + sealed.mac.len, 0);
	rpc_seal_fini(&seal);
}

TEST_MAIN()
