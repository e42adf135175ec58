#include "auth/token.h"

#include "auth/secret.h"
#include "test/support/test.h"

#define SECRET STR("a secret that is long enough for HS256")
#define OTHER  STR("another secret, with which nothing was signed")

enum { NOW = 1500 };

static struct arena arena;

static str token_of(int64_t account_id, int64_t expire_time)
{
	struct token_claims claims = {.account_id = account_id,
	                              .session_id = 1,
	                              .pseudo = STR("roger"),
	                              .issued_time = 1000,
	                              .expire_time = expire_time};
	str                 token = {0};

	assert_status(token_sign(SECRET, &claims, &arena, &token), CODE_OK);
	return token;
}

/* With the wrong secret a token passes only out of the cache. */
static bool is_cached(struct token_cache *c, str token)
{
	struct token_verified *verified;

	return token_cache_verify(c, OTHER, token, NOW, &verified).code == CODE_OK;
}

static void store(struct token_cache *c, str token)
{
	struct token_verified *verified = NULL;

	assert_status(token_cache_verify(c, SECRET, token, NOW, &verified), CODE_OK);
}

TEST(a_verified_token_is_served_from_the_cache)
{
	struct token_cache    *c = token_cache_new(16);
	struct token_verified *verified = NULL;
	str                    token = token_of(7, 2000);

	assert_false(is_cached(c, token));
	store(c, token);
	assert_status(token_cache_verify(c, OTHER, token, NOW, &verified), CODE_OK);
	assert_true(verified->claims.account_id == 7);
	assert_str(verified->claims.pseudo, "roger");
	token_cache_free(c);
}

TEST(a_copy_of_the_token_hits_and_any_change_misses)
{
	struct token_cache *c = token_cache_new(1);
	str                 token = token_of(7, 2000);
	char               *copy = arena_cstr(&arena, token);

	store(c, token);
	assert_true(is_cached(c, (str){copy, token.len}));
	assert_false(is_cached(c, (str){copy, token.len - 1}));
	for (size_t i = 0; i < token.len; i++) {
		copy[i] ^= 1;
		assert_false(is_cached(c, (str){copy, token.len}));
		copy[i] ^= 1;
	}
	assert_false(is_cached(c, (str){0}));
	token_cache_free(c);
}

TEST(an_entry_past_its_time_is_not_used)
{
	struct token_cache    *c = token_cache_new(16);
	struct token_verified *verified = NULL;
	str                    token = token_of(7, 2000);
	status                 st;

	store(c, token);
	assert_status(token_cache_verify(c, SECRET, token, 2004, &verified), CODE_OK);
	st = token_cache_verify(c, SECRET, token, 2005, &verified);
	assert_status(st, CODE_UNAUTHENTICATED);
	assert_string_equal(st.msg, "token is expired");
	token_cache_free(c);
}

TEST(entries_of_one_bucket_live_side_by_side_until_the_oldest_goes)
{
	struct token_cache *c = token_cache_new(4); /* one bucket */
	str                 tokens[5];

	for (int i = 0; i < 5; i++)
		tokens[i] = token_of(i + 1, 2000);
	for (int i = 0; i < 4; i++)
		store(c, tokens[i]);
	for (int i = 0; i < 4; i++)
		assert_true(is_cached(c, tokens[i]));
	store(c, tokens[4]);
	assert_false(is_cached(c, tokens[0]));
	for (int i = 1; i < 5; i++)
		assert_true(is_cached(c, tokens[i]));
	token_cache_free(c);
}

TEST(a_cache_keeps_no_more_than_its_bound)
{
	static const unsigned bounds[] = {0, 1, 3, 6, 64};

	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		struct token_cache *c = token_cache_new(bounds[i]);
		str                 tokens[200];
		unsigned            kept = 0;

		for (int t = 0; t < 200; t++)
			store(c, tokens[t] = token_of(t + 1, 2000));
		for (int t = 0; t < 200; t++)
			kept += is_cached(c, tokens[t]);
		assert_true(is_cached(c, tokens[199]));
		assert_in_range(kept, 1, bounds[i] ? bounds[i] : 1);
		token_cache_free(c);
	}
}

TEST(what_does_not_verify_drives_nothing_out)
{
	struct token_cache    *c = token_cache_new(1);
	struct token_verified *verified = NULL;
	str                    token = token_of(7, 2000), dead = token_of(8, 1001);

	store(c, token);
	assert_status(token_cache_verify(c, SECRET, STR("a.b.c"), NOW, &verified),
	              CODE_UNAUTHENTICATED);
	assert_status(token_cache_verify(c, SECRET, dead, NOW, &verified), CODE_UNAUTHENTICATED);
	assert_null(verified);
	assert_true(is_cached(c, token));
	token_cache_free(c);
}

TEST(an_empty_cache_and_no_cache_are_freed)
{
	token_cache_free(token_cache_new(1000));
	token_cache_free(NULL);
}

static int setup(void **state)
{
	(void)state;
	secret_setup();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

/* The room of an entry passes on to the next token with what was in it. */
TEST(a_seal_belongs_to_its_token_alone)
{
	static const struct identity_keys keys = {.current = {4, 2}, .current_id = 1};
	struct token_cache               *c = token_cache_new(1);
	struct arena                      a;

	arena_init(&a, 65536);
	for (int64_t id = 1; id <= 5; id++) {
		struct token_verified *verified = NULL;
		struct identity        who = {.kind = IDENTITY_ACCOUNT, .account_id = id};
		struct identity_sealed sealed;

		assert_status(token_cache_verify(c, SECRET, token_of(id, 2000), NOW, &verified),
		              CODE_OK);
		assert_status(seal_get(&verified->seal, &keys, &who, 0, NOW, 2000, &sealed),
		              CODE_OK);
		assert_status(identity_open(&keys, sealed, NOW, &a, &who), CODE_OK);
		assert_int_equal(who.account_id, id);
	}
	arena_fini(&a);
	token_cache_free(c);
}

TEST_MAIN(setup, teardown)
