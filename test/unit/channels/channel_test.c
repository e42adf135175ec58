#include "services/channels/channel.h"

#include "test/support/test.h"

TEST(a_name_is_folded_to_lower_case_without_its_hash)
{
	static const struct {
		const char *name, *folded;
	} cases[] = {
	        {"tech", "tech"}, {"#Tech", "tech"}, {"##tech", "#tech"}, {"", ""}, {"#", ""},
	};
	struct arena arena;

	arena_init(&arena, 4096);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_str(channels_channel_fold(cases[i].name, &arena), cases[i].folded);
	arena_fini(&arena);
}

TEST(only_an_account_sees_as_somebody)
{
	struct rpc_call call;

	rpc_call_init(&call, 0);
	assert_int_equal(channels_channel_viewer(&call), 0);
	call.who = (struct identity){.kind = IDENTITY_SERVICE, .account_id = 3};
	assert_int_equal(channels_channel_viewer(&call), 0);
	call.who = (struct identity){.kind = IDENTITY_ACCOUNT, .account_id = 3};
	assert_int_equal(channels_channel_viewer(&call), 3);
	rpc_call_fini(&call);
}

TEST_MAIN()
