#include "auth/secret.h"

#include <string.h>

#include "test/support/test.h"

TEST(secret_hash_is_sha256)
{
	/* FIPS 180-2, B.1 */
	static const uint8_t abc[32] = {
	        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
	        0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
	        0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	uint8_t hash[32];

	secret_hash(STR("abc"), hash);
	assert_memory_equal(hash, abc, sizeof hash);
}

TEST(secret_hash_of_nothing_is_a_hash)
{
	static const uint8_t start[4] = {0xe3, 0xb0, 0xc4, 0x42};
	uint8_t              hash[32];

	secret_hash((str){0}, hash);
	assert_memory_equal(hash, start, sizeof start);
}

TEST(secret_token_is_43_base64url_characters_and_never_the_same)
{
	struct arena a;
	str          one, two;

	arena_init(&a, 0);
	one = secret_token(&a);
	two = secret_token(&a);
	assert_int_equal(one.len, 43);
	assert_int_equal(strlen(one.ptr), 43);
	assert_int_equal(strspn(one.ptr, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                                 "0123456789-_"),
	                 43);
	assert_false(str_eq(one, two));
	arena_fini(&a);
}

TEST(secret_random_fills_the_whole_buffer)
{
	uint8_t seen[64] = {0}, bytes[64];

	/* A byte stays zero in all of 32 rounds once in 2^256. */
	for (int round = 0; round < 32; round++) {
		secret_random(bytes, sizeof bytes);
		for (size_t i = 0; i < sizeof bytes; i++)
			seen[i] |= bytes[i];
	}
	for (size_t i = 0; i < sizeof seen; i++)
		assert_int_not_equal(seen[i], 0);
}

TEST(secret_eq_compares_length_and_all_bytes)
{
	assert_true(secret_eq(STR("canard"), STR("canard")));
	assert_true(secret_eq((str){0}, STR("")));
	assert_false(secret_eq(STR("canard"), STR("canarD")));
	assert_false(secret_eq(STR("canard"), STR("Canard")));
	assert_false(secret_eq(STR("canard"), STR("canar")));
	assert_false(secret_eq(STR(""), STR("c")));
}

static int setup(void **state)
{
	(void)state;
	secret_setup();
	return 0;
}

TEST_MAIN(setup, NULL)
