/*
 * db/array.h - PostgreSQL's text form of arrays: {1,2}, {a,"b c",NULL}.
 */
#ifndef DB_ARRAY_H
#define DB_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

/* Prints an array of integers. */
const char *db_array_print_i64s(struct arena *a, const int64_t *items, size_t n);

/* Prints an array of doubles, which are finite. */
const char *db_array_print_doubles(struct arena *a, const double *items, size_t n);

/* Prints an array of texts, each quoted. INVALID_ARGUMENT for a NUL within. */
must_check status db_array_print_texts(struct arena *a, const str *items, size_t n,
                                       const char **out_literal);

/*
 * Reads an array of one dimension; elements are NUL-terminated copies, NULL has .ptr NULL.
 * False for anything else.
 */
bool db_array_parse(struct arena *a, const char *literal, const str **out_items, size_t *out_count);

/* Reads an array of one dimension of numbers, none of them NULL. False for anything else. */
bool db_array_parse_doubles(struct arena *a, const char *literal, const double **out_items,
                            size_t *out_count);

#endif
