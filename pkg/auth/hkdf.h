/*
 * auth/hkdf.h - HKDF-SHA-256 (RFC 5869): many keys out of one secret.
 */
#ifndef AUTH_HKDF_H
#define AUTH_HKDF_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { HKDF_MAX_BYTES = 255 * 32 };

/* Extracts and expands: n bytes, at most HKDF_MAX_BYTES. salt may be empty; info names the use. */
void hkdf_sha256(str secret, str salt, str info, uint8_t *out, size_t n);

#endif
