#include "rpc/slots.h"

#include "test/support/test.h"

TEST(an_id_finds_its_owner_until_it_is_released)
{
	struct rpc_slots s;
	int              a, b;
	uint64_t         ida, idb;

	rpc_slots_init(&s, 4);
	ida = rpc_slots_take(&s, &a);
	idb = rpc_slots_take(&s, &b);
	assert_ptr_equal(rpc_slots_get(&s, ida), &a);
	assert_ptr_equal(rpc_slots_get(&s, idb), &b);
	rpc_slots_release(&s, ida);
	assert_null(rpc_slots_get(&s, ida));
	assert_ptr_equal(rpc_slots_get(&s, idb), &b);
	rpc_slots_fini(&s);
}

TEST(a_slot_in_use_again_has_another_id)
{
	struct rpc_slots s;
	int              a, b;
	uint64_t         old, fresh;

	rpc_slots_init(&s, 1);
	old = rpc_slots_take(&s, &a);
	rpc_slots_release(&s, old);
	fresh = rpc_slots_take(&s, &b);
	assert_int_equal((uint32_t)old, (uint32_t)fresh);
	assert_int_not_equal(old, fresh);
	assert_null(rpc_slots_get(&s, old));
	rpc_slots_release(&s, old);
	assert_ptr_equal(rpc_slots_get(&s, fresh), &b);
	rpc_slots_fini(&s);
}

TEST(a_full_table_gives_no_id_until_one_is_released)
{
	struct rpc_slots s;
	int              owner;
	uint64_t         ids[3];

	rpc_slots_init(&s, 3);
	for (int i = 0; i < 3; i++)
		ids[i] = rpc_slots_take(&s, &owner);
	assert_int_equal(rpc_slots_take(&s, &owner), 0);
	rpc_slots_release(&s, ids[1]);
	assert_int_not_equal(rpc_slots_take(&s, &owner), 0);
	assert_int_equal(rpc_slots_take(&s, &owner), 0);
	rpc_slots_fini(&s);
}

TEST(ids_that_were_never_given_find_nobody)
{
	static const uint64_t ids[] = {
	        0, 1, UINT64_C(1) << 32 | 1, UINT64_C(2) << 32, UINT64_MAX, UINT64_C(1) << 32 | 4};
	struct rpc_slots s;
	int              owner;

	rpc_slots_init(&s, 4);
	assert_int_equal(rpc_slots_take(&s, &owner), UINT64_C(1) << 32);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		assert_null(rpc_slots_get(&s, ids[i]));
		rpc_slots_release(&s, ids[i]);
	}
	assert_int_equal(s.count, 1);
	rpc_slots_fini(&s);
}

TEST(a_table_is_emptied_by_any)
{
	struct rpc_slots s;
	int              owner;

	rpc_slots_init(&s, 8);
	assert_int_equal(rpc_slots_any(&s), 0);
	for (int i = 0; i < 8; i++)
		rpc_slots_take(&s, &owner);
	for (int i = 0; i < 8; i++)
		rpc_slots_release(&s, rpc_slots_any(&s));
	assert_int_equal(s.count, 0);
	assert_int_equal(rpc_slots_any(&s), 0);
	rpc_slots_fini(&s);
}

TEST_MAIN()
