/*
 * base/utf8.h - strict UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* All of s is well-formed. U+0000 counts as well-formed: refuse it where it matters. */
bool utf8_is_valid(str s);

/* Bytes, 1 to 4, of the well-formed sequence at byte `at` (< s.len); 0 if there is none. */
size_t utf8_length_at(str s, size_t at);

/* Code points in s, which must be valid. */
size_t utf8_count(str s);

/* Writes one code point, 1 to 4 bytes, into out; returns how many, 0 if it is none. */
size_t utf8_encode(uint32_t code_point, char out[4]);

#endif
