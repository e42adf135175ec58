/*
 * Any bytes as a token; bytes with a newline as the header and the payload of one that is rightly
 * signed, so that the claims are reached too.
 */
#include <sodium.h>

#include "auth/secret.h"
#include "auth/token.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "test/fuzz/fuzz.h"

#define SECRET STR("a secret that is long enough for HS256")

enum { NOW = 1500, MAX_TEXT = 65536 };

static void put_base64(struct buf *b, str bytes)
{
	enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
	size_t room = sodium_base64_encoded_len(bytes.len, VARIANT);
	char  *text = buf_reserve(b, room);

	if (!text)
		return;
	sodium_bin2base64(text, room, (const uint8_t *)bytes.ptr, bytes.len, VARIANT);
	buf_commit(b, room - 1);
}

static void put_token(struct buf *b, str header, str payload)
{
	crypto_auth_hmacsha256_state s;
	uint8_t                      mac[crypto_auth_hmacsha256_BYTES];

	put_base64(b, header);
	buf_put_c(b, '.');
	put_base64(b, payload);
	crypto_auth_hmacsha256_init(&s, (const uint8_t *)SECRET.ptr, SECRET.len);
	crypto_auth_hmacsha256_update(&s, (const uint8_t *)b->ptr, b->len);
	crypto_auth_hmacsha256_final(&s, mac);
	buf_put_c(b, '.');
	put_base64(b, (str){(const char *)mac, sizeof mac});
}

/* What was taken is in order, and what we sign of it is taken again and says the same. */
static void check(const struct token_claims *claims, struct arena *a)
{
	struct token_claims again;
	str                 token;

	fuzz_require(claims->account_id > 0 && claims->session_id > 0 && claims->pseudo.len > 0);
	fuzz_require(claims->n_roles <= TOKEN_MAX_ROLES && !token_is_expired(claims, NOW));
	/* With the escapes of JSON it may have grown past the limit. */
	if (token_sign(SECRET, claims, a, &token).code != CODE_OK)
		return;
	fuzz_require(token_verify(SECRET, token, NOW, a, &again).code == CODE_OK);
	fuzz_require(again.account_id == claims->account_id && again.n_roles == claims->n_roles &&
	             str_eq(again.pseudo, claims->pseudo));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_fini) struct arena a = {0};
	AUTO(buf_fini) struct buf     b = {.ceiling = MAX_TEXT};
	str                           token = {(const char *)data, size}, header, payload;
	struct token_claims           claims;

	secret_setup();
	if (str_cut(token, '\n', &header, &payload)) {
		put_token(&b, header, payload);
		token = buf_str(&b);
	}
	if (token_verify(SECRET, token, NOW, &a, &claims).code == CODE_OK)
		check(&claims, &a);
	return 0;
}
