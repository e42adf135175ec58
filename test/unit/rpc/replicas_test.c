#include "rpc/replicas.h"

#include "base/clock.h"
#include "test/support/test.h"

enum { PICKS = 400 };

struct set {
	struct rpc_replicas all;
	struct rpc_replica  replicas[3];
	struct rpc_link     links[3];
};

static void set_init(struct set *s)
{
	*s = (struct set){.all.random = 1};
	for (int i = 0; i < 3; i++) {
		s->links[i].is_up = true;
		s->replicas[i].link = &s->links[i];
		s->all.items[s->all.count++] = &s->replicas[i];
	}
}

/* How many of PICKS went to each. */
static void count_picks(struct set *s, int64_t now_ns, unsigned out_counts[3])
{
	for (int i = 0; i < 3; i++)
		out_counts[i] = 0;
	for (int i = 0; i < PICKS; i++) {
		const struct rpc_replica *r = rpc_replicas_pick(&s->all, NULL, now_ns);

		out_counts[r - s->replicas]++;
	}
}

TEST(calls_are_spread_and_the_busier_of_two_gets_less)
{
	unsigned   counts[3];
	struct set s;

	set_init(&s);
	count_picks(&s, 0, counts);
	for (int i = 0; i < 3; i++)
		assert_in_range(counts[i], PICKS / 6, PICKS / 2);
	s.replicas[0].in_flight = 10;
	count_picks(&s, 0, counts);
	assert_in_range(counts[0], 1, PICKS / 5);
}

TEST(one_that_failed_is_left_out_for_a_while)
{
	unsigned   counts[3];
	struct set s;

	set_init(&s);
	rpc_replica_failed(&s.replicas[1], 0);
	count_picks(&s, 0, counts);
	assert_int_equal(counts[1], 0);
	count_picks(&s, RPC_MIN_BACKOFF_MS * CLOCK_NS_PER_MS, counts);
	assert_int_not_equal(counts[1], 0);
}

TEST(the_while_doubles_up_to_its_bound_and_ends_with_success)
{
	static const uint32_t backoffs[] = {50, 100, 200, 400, 800, 1000, 1000};
	struct rpc_replica    r = {0};

	for (size_t i = 0; i < sizeof backoffs / sizeof *backoffs; i++) {
		int64_t now_ns = r.left_out_until_ns;

		rpc_replica_failed(&r, now_ns);
		rpc_replica_failed(&r, now_ns); /* at the same time: no second failure */
		assert_int_equal(r.left_out_until_ns - now_ns, backoffs[i] * CLOCK_NS_PER_MS);
	}
	rpc_replica_worked(&r);
	rpc_replica_failed(&r, 0);
	assert_int_equal(r.backoff_ms, RPC_MIN_BACKOFF_MS);
}

TEST(one_in_doubt_is_better_than_none_and_one_that_is_down_is_none)
{
	struct set s;

	set_init(&s);
	s.links[0].is_up = s.links[2].is_up = false;
	rpc_replica_failed(&s.replicas[1], 0);
	assert_ptr_equal(rpc_replicas_pick(&s.all, NULL, 0), &s.replicas[1]);
	assert_null(rpc_replicas_pick(&s.all, &s.replicas[1], 0));
	s.links[1].is_up = false;
	assert_null(rpc_replicas_pick(&s.all, NULL, 0));
}

TEST_MAIN()
