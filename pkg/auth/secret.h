/*
 * auth/secret.h - random secrets, their hashes, and comparison in constant time.
 */
#ifndef AUTH_SECRET_H
#define AUTH_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Prepares libsodium; once, before threads. Dies if the system gives no randomness. */
void secret_setup(void);

/* Fills with random bytes. */
void secret_random(void *out, size_t n);

/* 256 random bits as base64url text without padding, in the arena: a refresh token. */
str secret_token(struct arena *a);

/* SHA-256: what is stored of a refresh token. */
void secret_hash(str s, uint8_t out[32]);

/* Same length and same bytes; time does not depend on the bytes. */
bool secret_eq(str a, str b);

#endif
