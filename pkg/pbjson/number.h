/*
 * pbjson/number.h - numbers of JSON: text to exact integers and doubles, and back.
 *
 * Text is a number if it is one in JSON's own grammar (RFC 8259 section 6), so that
 * "+1", "0x1" and "01" are none, in a string or a path either.
 *
 * Errors: a reader returns NULL, or why not in words that follow a field's name
 *         ("must be a number"); the out-value is written only on NULL.
 * Locale: LC_NUMERIC stays "C"; nobody calls setlocale().
 */
#ifndef PBJSON_NUMBER_H
#define PBJSON_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* Bytes of the longest number at the start of s; 0 if there is none. */
size_t pbjson_number_length(str s);

/* Integers, exact; 1e3 and 1.0 are whole numbers too. */
const char *pbjson_number_to_i64(str s, int64_t min, int64_t max, int64_t *out_value);
const char *pbjson_number_to_u64(str s, uint64_t max, uint64_t *out_value);

/* Also the names NaN, Infinity and -Infinity, which proto3 JSON writes as strings. */
const char *pbjson_number_to_double(str s, double *out_value);
const char *pbjson_number_to_float(str s, float *out_value);

/* The shortest text that reads back as the same value; quoted where JSON has no number for it. */
void pbjson_number_print_double(struct buf *out, double v);
void pbjson_number_print_float(struct buf *out, float v);

#endif
