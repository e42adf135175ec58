/*
 * auth/token_json.h - the JSON inside a token; private to auth/token.c.
 */
#ifndef AUTH_TOKEN_JSON_H
#define AUTH_TOKEN_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/token.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* Appends the claims as one object; false, when a text is not UTF-8. */
bool token_json_print_claims(struct buf *b, const struct token_claims *claims);

/* The object has exactly "alg": "HS256" and no "crit" (RFC 7515 4.1.11: nothing is understood). */
bool token_json_is_hs256(str header);

/*
 * Reads the claims into the arena; *out_not_before is nbf or, without one, INT64_MIN. False when
 * one is missing, of another type, or they contradict each other.
 */
bool token_json_parse_claims(str payload, struct arena *a, struct token_claims *out_claims,
                             int64_t *out_not_before);

#endif
