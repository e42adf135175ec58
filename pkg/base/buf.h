/*
 * base/buf.h - a growing buffer with a ceiling and a sticky error.
 *
 * Write freely, check once: past the ceiling nothing more is stored and
 * buf_status() is RESOURCE_EXHAUSTED. Contents are not NUL-terminated.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

struct buf {
	char  *ptr;
	size_t len;
	size_t size;
	size_t ceiling;
	bool   is_overflown;
};

/* Makes an empty buffer that never holds more than ceiling_bytes. Allocates nothing yet. */
void buf_init(struct buf *b, size_t ceiling_bytes);

/* Frees; a zeroed buffer is fine. Also the shape that AUTO wants. */
void buf_fini(struct buf *b);

/* Empties, keeping the memory; clears the error. */
void buf_reset(struct buf *b);

/* Appends. */
void buf_put(struct buf *b, str s);
void buf_put_c(struct buf *b, char c);
void buf_put_bytes(struct buf *b, const void *p, size_t n);
void buf_put_u64(struct buf *b, uint64_t v);
void buf_put_i64(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Room for n bytes, to be filled by the caller and counted by buf_commit(); NULL past the ceiling.
 */
char *buf_reserve(struct buf *b, size_t n);
void  buf_commit(struct buf *b, size_t n);

/* Removes the first n bytes. */
void buf_consume(struct buf *b, size_t n);

/* OK, or RESOURCE_EXHAUSTED if anything did not fit. */
must_check status buf_status(const struct buf *b);

/* The contents, borrowed until the next write. */
str buf_str(const struct buf *b);

/* Moves the memory out; caller frees by mem_free(). b is empty and reusable. */
char *buf_take(struct buf *b, size_t *out_len);

#endif
