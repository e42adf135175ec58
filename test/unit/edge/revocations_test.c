#include "edge/revocations.h"

#include "test/support/test.h"

enum { NOW = 1000, LATER = 2000 };

static struct edge_revocations set;

/* What the test before left is gone. */
static void begin(void)
{
	edge_revocations_fini(&set);
}

static int stop(void **state __attribute__((unused)))
{
	edge_revocations_fini(&set);
	return 0;
}

static void end_one(int64_t account, int64_t session)
{
	edge_revocations_apply(&set,
	                       &(struct rpc_session_change){.account_id = account,
	                                                    .session_id = session,
	                                                    .expire_time = LATER},
	                       NOW);
}

static void end_all(int64_t account, int64_t below, int64_t kept)
{
	edge_revocations_apply(&set,
	                       &(struct rpc_session_change){.account_id = account,
	                                                    .ended_below = below,
	                                                    .kept_session_id = kept,
	                                                    .expire_time = LATER},
	                       NOW);
}

static void set_roles(int64_t account, const char *role, int64_t version)
{
	const str roles[] = {STR("user"), str_c(role)};

	edge_revocations_apply(&set,
	                       &(struct rpc_session_change){.account_id = account,
	                                                    .roles = roles,
	                                                    .n_roles = 2,
	                                                    .roles_version = version,
	                                                    .expire_time = LATER},
	                       NOW);
}

static bool has_ended(int64_t account, int64_t session)
{
	return edge_revocations_look(&set, account, session).is_ended;
}

TEST(of_whom_nothing_was_told_nothing_ended)
{
	struct edge_standing standing = edge_revocations_look(&set, 7, 70);

	begin();
	assert_false(standing.is_ended);
	assert_int_equal(standing.roles_version, 0);
	end_one(8, 70);
	assert_false(has_ended(7, 70));
}

TEST(one_session_ends_and_the_others_of_its_account_go_on)
{
	begin();
	end_one(7, 70);
	end_one(7, 72);
	end_one(7, 70);
	assert_true(has_ended(7, 70));
	assert_false(has_ended(7, 71));
	assert_true(has_ended(7, 72));
}

TEST(all_sessions_from_before_end_but_the_one_that_is_kept)
{
	begin();
	end_all(7, 100, 71);
	assert_true(has_ended(7, 70));
	assert_false(has_ended(7, 71));
	assert_true(has_ended(7, 99));
	assert_false(has_ended(7, 100));
}

TEST(changes_mean_the_same_in_any_order)
{
	static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
	                                {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	begin();
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		for (size_t k = 0; k < 3; k++) {
			if (orders[i][k] == 0)
				end_all(7, 100, 71);
			else if (orders[i][k] == 1)
				end_one(7, 71);
			else
				end_all(7, 200, 150);
		}
		assert_true(has_ended(7, 70));
		assert_true(has_ended(7, 71));
		assert_true(has_ended(7, 149));
		assert_false(has_ended(7, 150));
		assert_false(has_ended(7, 200));
		edge_revocations_fini(&set);
	}
}

TEST(a_session_that_was_kept_may_end_by_its_number)
{
	begin();
	end_all(7, 100, 71);
	end_one(7, 71);
	assert_true(has_ended(7, 71));
	end_all(7, 90, 0);
	assert_true(has_ended(7, 71));
	assert_false(has_ended(7, 100));
}

TEST(the_newest_roles_hold)
{
	struct edge_standing standing;

	begin();
	set_roles(7, "admin", 5);
	set_roles(7, "duck", 4);
	standing = edge_revocations_look(&set, 7, 70);
	assert_int_equal(standing.roles_version, 5);
	assert_int_equal(standing.n_roles, 2);
	assert_str(standing.roles[1], "admin");
	set_roles(7, "goose", 6);
	standing = edge_revocations_look(&set, 7, 70);
	assert_str(standing.roles[1], "goose");
	assert_false(standing.is_ended);
}

/* What is over is dropped while more comes: the set does not grow with time. */
TEST(what_no_token_can_be_about_any_more_is_dropped)
{
	enum { ROUNDS = 64, ACCOUNTS = 1000 };

	begin();
	for (int64_t round = 0; round < ROUNDS; round++)
		for (int64_t i = 1; i <= ACCOUNTS; i++)
			edge_revocations_apply(
			        &set,
			        &(struct rpc_session_change){.account_id = round * ACCOUNTS + i,
			                                     .session_id = i,
			                                     .expire_time = NOW + round + 1},
			        NOW + round);
	assert_true(set.accounts.count < 8 * ACCOUNTS);
	for (int64_t i = 1; i <= ACCOUNTS; i++)
		assert_true(has_ended((ROUNDS - 1) * ACCOUNTS + i, i));
}

TEST(a_copy_outlives_the_set)
{
	struct edge_standing copy;
	struct arena         a;

	begin();
	arena_init(&a, 4096);
	set_roles(7, "admin", 5);
	copy = edge_revocations_look(&set, 7, 70);
	copy = edge_standing_dup(&copy, &a);
	edge_revocations_fini(&set);
	assert_str(copy.roles[0], "user");
	assert_str(copy.roles[1], "admin");
	arena_fini(&a);
}

TEST_MAIN(NULL, stop)
