#include "auth/token.h"

#include "auth/secret.h"
#include "auth/token_json.h"
#include "base/mem.h"

#include <jwt.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>

/*
 * Design notes. libjwt 1.10 believes the header and reads all of the JSON before it looks at the
 * signature, so an unsigned token reaches far into it. What is refused first, and why:
 * - text that is not three parts of base64url: one spelling per token;
 * - brackets in numbers: jansson recurses once for each, up to 2048 deep, and a fiber's stack is
 *   small;
 * - any header but HS256: libjwt would take "none" without a key, HS512 with the same key, and
 *   would try the secret as PEM for the others, leaving errors in OpenSSL's queue, where the next
 *   TLS read of this thread would find them;
 * - a short or empty secret: with an empty one libjwt verifies nothing.
 * libjwt checks no times: exp, nbf and iat are checked here.
 */

enum { MIN_SECRET_BYTES = 32, MAX_BRACKETS = 16 };

static const status invalid = {CODE_UNAUTHENTICATED, "token is invalid"};
static const status expired = {CODE_UNAUTHENTICATED, "token is expired"};

static void jwt_freep(jwt_t **jwt)
{
	jwt_free(*jwt);
}

static void text_freep(char **text)
{
	free(*text); /* lint: libjwt hands out malloc'd memory */
}

static status check_secret(str secret)
{
	if (secret.len < MIN_SECRET_BYTES || secret.len > INT_MAX)
		return status_error(CODE_INTERNAL, "token secret is too short");
	return STATUS_OK;
}

status token_sign(str secret, const struct token_claims *claims, struct arena *a, str *out_token)
{
	AUTO(jwt_freep) jwt_t    *jwt = NULL;
	AUTO(text_freep) char    *text = NULL;
	AUTO(buf_fini) struct buf json = {.ceiling = TOKEN_MAX_BYTES};

	TRY(check_secret(secret));
	if (claims->n_roles > TOKEN_MAX_ROLES || !token_json_print_claims(&json, claims))
		return status_error(CODE_INTERNAL, "claims do not fit a token");
	TRY(buf_status(&json));
	buf_put_c(&json, '\0');
	TRY(buf_status(&json));
	if (jwt_new(&jwt) != 0 || jwt_add_grants_json(jwt, json.ptr) != 0 ||
	    jwt_set_alg(jwt, JWT_ALG_HS256, (const uint8_t *)secret.ptr, (int)secret.len) != 0)
		return status_error(CODE_INTERNAL, "cannot sign a token");
	text = jwt_encode_str(jwt);
	if (!text || str_c(text).len > TOKEN_MAX_BYTES)
		return status_error(CODE_INTERNAL, "cannot sign a token");
	*out_token = arena_dup(a, str_c(text));
	return STATUS_OK;
}

/* base64url without padding, bits left over are zero: strict. The arena bounds nothing here, the
 * token's size does. */
static bool decode(str part, struct arena *a, str *out)
{
	uint8_t *bytes = arena_alloc(a, part.len);

	if (sodium_base642bin(bytes, part.len, part.ptr, part.len, NULL, &out->len, NULL,
	                      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return false;
	out->ptr = (const char *)bytes;
	return true;
}

struct parts {
	str header, payload, signature; /* decoded */
};

static bool split(str token, struct arena *a, struct parts *out_parts)
{
	str header, payload, signature, rest;

	return str_cut(token, '.', &header, &rest) && str_cut(rest, '.', &payload, &signature) &&
	       decode(header, a, &out_parts->header) && decode(payload, a, &out_parts->payload) &&
	       decode(signature, a, &out_parts->signature);
}

/* Counts those in strings too and none that closes: what a string hides is not worth a parser. */
static bool is_shallow(str json)
{
	unsigned n = 0;

	for (size_t i = 0; i < json.len; i++)
		n += json.ptr[i] == '[' || json.ptr[i] == '{';
	return n <= MAX_BRACKETS;
}

static bool is_signed(str secret, str token, struct arena *a)
{
	AUTO(jwt_freep) jwt_t *jwt = NULL;

	return jwt_decode(&jwt, arena_cstr(a, token), (const uint8_t *)secret.ptr,
	                  (int)secret.len) == 0 &&
	       jwt_get_alg(jwt) == JWT_ALG_HS256;
}

status token_verify(str secret, str token, int64_t now_s, struct arena *a,
                    struct token_claims *out_claims)
{
	AUTO(arena_fini) struct arena scratch = {0};
	struct token_claims           claims;
	struct parts                  parts;
	int64_t                       not_before;

	TRY(check_secret(secret));
	if (token.len > TOKEN_MAX_BYTES || !split(token, &scratch, &parts))
		return invalid;
	if (!is_shallow(parts.header) || !is_shallow(parts.payload))
		return invalid;
	if (!token_json_is_hs256(parts.header) || !is_signed(secret, token, &scratch))
		return invalid;
	if (!token_json_parse_claims(parts.payload, a, &claims, &not_before))
		return invalid;
	if (claims.issued_time > now_s + TOKEN_LEEWAY_S || not_before > now_s + TOKEN_LEEWAY_S)
		return invalid;
	if (token_is_expired(&claims, now_s))
		return expired;
	*out_claims = claims;
	return STATUS_OK;
}

bool token_is_expired(const struct token_claims *claims, int64_t now_s)
{
	return claims->expire_time <= now_s - TOKEN_LEEWAY_S;
}
