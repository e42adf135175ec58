#include "auth/secret.h"

#include "base/mem.h"

#include <sodium.h>

enum { TOKEN_BYTES = 32 };

void secret_setup(void)
{
	if (sodium_init() < 0)
		mem_die("libsodium: cannot start");
}

void secret_random(void *out, size_t n)
{
	randombytes_buf(out, n);
}

str secret_token(struct arena *a)
{
	enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
	enum { TEXT_BYTES = sodium_base64_ENCODED_LEN(TOKEN_BYTES, VARIANT) };
	uint8_t raw[TOKEN_BYTES];
	char   *text = arena_alloc(a, TEXT_BYTES);

	randombytes_buf(raw, sizeof raw);
	sodium_bin2base64(text, TEXT_BYTES, raw, sizeof raw, VARIANT);
	sodium_memzero(raw, sizeof raw);
	return (str){text, TEXT_BYTES - 1};
}

void secret_hash(str s, uint8_t out[32])
{
	crypto_hash_sha256(out, (const uint8_t *)s.ptr, s.len);
}

bool secret_eq(str a, str b)
{
	return a.len == b.len && (a.len == 0 || sodium_memcmp(a.ptr, b.ptr, a.len) == 0);
}
