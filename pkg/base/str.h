/*
 * base/str.h - a slice of bytes: pointer and length, not owned, not NUL-terminated.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct str {
	const char *ptr;
	size_t      len;
} str;

/* A slice of a literal; the length costs nothing. */
#define STR(lit) ((str){"" lit, sizeof(lit) - 1})

/* For "%.*s". */
#define STR_ARG(s) (int)(s).len, (s).ptr

/* The slice of a C string; NULL is the empty slice. */
str str_c(const char *s);

/* Same bytes. */
bool str_eq(str a, str b);

/* Same bytes but for ASCII case. */
bool str_eq_nocase(str a, str b);

/* Starts, ends with. */
bool str_starts(str s, str prefix);
bool str_ends(str s, str suffix);

/* Splits at the first separator; false, with out-values untouched, if there is none. */
bool str_cut(str s, char sep, str *out_head, str *out_tail);

/*
 * Takes the next piece of a list off its front: up to the separator, or all that is left. False
 * when nothing is left; pieces in between may be empty.
 */
bool str_next(str *rest, char sep, str *out_piece);

/* Position of c, or -1. */
ptrdiff_t str_find(str s, char c);

/* The slice from byte `from` on; empty past the end. */
str str_from(str s, size_t from);

/* Without ASCII white space at either end. */
str str_trim(str s);

/* All of s is a decimal number that fits; no sign for u64, one '-' for i64, no white space. */
bool str_to_u64(str s, uint64_t *out_value);
bool str_to_i64(str s, int64_t *out_value);

/* Byte order, shorter first on a tie: for sorting and searching. */
int str_compare(str a, str b);

#endif
