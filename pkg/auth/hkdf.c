#include "auth/hkdf.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum { HASH_BYTES = crypto_auth_hmacsha256_BYTES };

/* RFC 5869, 2.2: without a salt it is as many zeros as a hash has bytes. */
static void extract(str salt, str secret, uint8_t prk[HASH_BYTES])
{
	static const char            zeros[HASH_BYTES];
	crypto_auth_hmacsha256_state hmac;

	if (salt.len == 0)
		salt = (str){zeros, sizeof zeros};
	crypto_auth_hmacsha256_init(&hmac, (const uint8_t *)salt.ptr, salt.len);
	crypto_auth_hmacsha256_update(&hmac, (const uint8_t *)secret.ptr, secret.len);
	crypto_auth_hmacsha256_final(&hmac, prk);
	sodium_memzero(&hmac, sizeof hmac);
}

/* RFC 5869, 2.3: T(i) = HMAC(PRK, T(i-1) | info | i), T(0) is empty. */
static void expand(const uint8_t prk[HASH_BYTES], str info, uint8_t *out, size_t n)
{
	crypto_auth_hmacsha256_state hmac;
	uint8_t                      block[HASH_BYTES];

	for (uint8_t i = 1; n; i++) {
		size_t taken = n < HASH_BYTES ? n : HASH_BYTES;

		crypto_auth_hmacsha256_init(&hmac, prk, HASH_BYTES);
		if (i > 1)
			crypto_auth_hmacsha256_update(&hmac, block, sizeof block);
		crypto_auth_hmacsha256_update(&hmac, (const uint8_t *)info.ptr, info.len);
		crypto_auth_hmacsha256_update(&hmac, &i, 1);
		crypto_auth_hmacsha256_final(&hmac, block);
		memcpy(out, block, taken);
		out += taken;
		n -= taken;
	}
	sodium_memzero(&hmac, sizeof hmac);
	sodium_memzero(block, sizeof block);
}

void hkdf_sha256(str secret, str salt, str info, uint8_t *out, size_t n)
{
	uint8_t prk[HASH_BYTES];

	assert(n <= HKDF_MAX_BYTES);
	extract(salt, secret, prk);
	expand(prk, info, out, n);
	sodium_memzero(prk, sizeof prk);
}
