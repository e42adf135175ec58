#include "auth/password.h"

#include <string.h>

#include "auth/secret.h"
#include "base/clock.h"
#include "fiber/fiber.h"
#include "fiber/offload.h"
#include "loop/loop.h"
#include "test/support/test.h"

enum { MAX_JOBS = 8 };

static const struct password_cost cheap = {.memory_kib = 8, .passes = 1};

static struct loop            *loop;
static struct fiber_scheduler *scheduler;
static struct offload         *pool;
static struct arena            arena;

/* One call on a fiber of its own, and what came of it. */
struct job {
	bool   is_hashing;
	str    password, hash;
	status result;
	bool   matches;
};

static void run(void *arg)
{
	struct job *j = arg;

	if (j->is_hashing)
		j->result = password_hash(pool, &cheap, j->password, &arena, &j->hash);
	else
		j->result = password_verify(pool, &cheap, j->hash, j->password, &j->matches);
}

/* Runs all at the same time. */
static void run_jobs(struct job *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_status(fiber_spawn(scheduler, run, &jobs[i], CLOCK_NEVER, NULL), CODE_OK);
	while (fiber_scheduler_count(scheduler) > 0)
		loop_turn(loop, 1000);
}

static str hash_of(const char *password)
{
	struct job j = {.is_hashing = true, .password = str_c(password)};

	run_jobs(&j, 1);
	assert_status(j.result, CODE_OK);
	return j.hash;
}

static struct job verification(str hash, const char *password)
{
	struct job j = {.hash = hash, .password = str_c(password), .matches = true};

	run_jobs(&j, 1);
	return j;
}

TEST(the_right_password_matches_and_wrong_ones_do_not)
{
	static const char *const wrong[] = {"", "correct horsE", "correct horse ", "correct hors"};
	str                      hash = hash_of("correct horse");
	struct job               j = verification(hash, "correct horse");

	assert_status(j.result, CODE_OK);
	assert_true(j.matches);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		j = verification(hash, wrong[i]);
		assert_status(j.result, CODE_OK);
		assert_false(j.matches);
	}
}

TEST(a_hash_is_argon2id_of_the_given_cost_and_salted)
{
	str one = hash_of("correct horse"), two = hash_of("correct horse");

	assert_true(str_starts(one, STR("$argon2id$v=19$m=8,t=1,p=1$")));
	assert_int_equal(strlen(one.ptr), one.len);
	assert_false(str_eq(one, two));
}

TEST(a_password_may_hold_any_bytes)
{
	static const char with_nul[] = "before\0after";
	struct job        j = {.is_hashing = true, .password = {with_nul, sizeof with_nul - 1}};

	run_jobs(&j, 1);
	assert_status(j.result, CODE_OK);
	assert_false(verification(j.hash, "before").matches);
	j.is_hashing = false;
	run_jobs(&j, 1);
	assert_true(j.matches);
}

TEST(an_account_that_does_not_exist_matches_nothing)
{
	struct job j = verification((str){0}, "correct horse");

	assert_status(j.result, CODE_OK);
	assert_false(j.matches);
	assert_false(verification((str){0}, "").matches);
}

TEST(a_stored_text_that_is_no_hash_matches_nothing)
{
	static const char *const texts[] = {"x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$YQ$YQ",
	                                    "$2b$10$abcdefghijklmnopqrstuv"};
	char                     long_text[200];

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct job j = verification(str_c(texts[i]), "x");

		assert_status(j.result, CODE_OK);
		assert_false(j.matches);
	}
	memset(long_text, '$', sizeof long_text);
	assert_status(verification((str){long_text, sizeof long_text}, "x").result, CODE_INTERNAL);
}

TEST(fibers_hash_and_verify_at_the_same_time)
{
	struct job jobs[MAX_JOBS];

	for (int i = 0; i < MAX_JOBS; i++)
		jobs[i] = (struct job){.is_hashing = true,
		                       .password = str_c(arena_printf(&arena, "password %d", i))};
	run_jobs(jobs, MAX_JOBS);
	for (int i = 0; i < MAX_JOBS; i++) {
		assert_status(jobs[i].result, CODE_OK);
		jobs[i].is_hashing = false;
		if (i % 2)
			jobs[i].password = STR("password 0");
	}
	run_jobs(jobs, MAX_JOBS);
	for (int i = 0; i < MAX_JOBS; i++) {
		assert_status(jobs[i].result, CODE_OK);
		assert_true(jobs[i].matches == (i % 2 == 0));
	}
}

TEST(a_pool_without_room_refuses_and_says_so)
{
	struct offload *roomy = pool;
	struct job      jobs[MAX_JOBS];
	int             n_refused = 0, n_done = 0;

	assert_status(offload_new(1, 1, &pool), CODE_OK);
	for (int i = 0; i < MAX_JOBS; i++)
		jobs[i] = (struct job){.is_hashing = true, .password = STR("correct horse")};
	run_jobs(jobs, MAX_JOBS);
	for (int i = 0; i < MAX_JOBS; i++) {
		n_refused += jobs[i].result.code == CODE_UNAVAILABLE && !jobs[i].hash.ptr;
		n_done += jobs[i].result.code == CODE_OK && jobs[i].hash.ptr;
	}
	assert_int_equal(n_refused + n_done, MAX_JOBS);
	assert_true(n_done >= 1);
	offload_free(pool);
	pool = roomy;
}

static int setup(void **state)
{
	(void)state;
	secret_setup();
	assert_status(loop_new(&loop), CODE_OK);
	assert_status(fiber_scheduler_new(loop, &(struct fiber_config){0}, &scheduler), CODE_OK);
	assert_status(offload_new(2, 64, &pool), CODE_OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	offload_free(pool);
	fiber_scheduler_free(scheduler);
	loop_free(loop);
	arena_fini(&arena);
	return 0;
}

TEST_MAIN(setup, teardown)
