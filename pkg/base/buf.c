#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_BYTES = 256 };

void buf_init(struct buf *b, size_t ceiling_bytes)
{
	/* More than half the address space is no ceiling; this keeps size + 1 from wrapping. */
	*b = (struct buf){.ceiling = ceiling_bytes < PTRDIFF_MAX ? ceiling_bytes : PTRDIFF_MAX};
}

void buf_fini(struct buf *b)
{
	mem_free(b->ptr);
	*b = (struct buf){.ceiling = b->ceiling};
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->is_overflown = false;
}

char *buf_reserve(struct buf *b, size_t n)
{
	size_t size = b->size ? b->size : FIRST_BYTES;

	if (b->is_overflown || n > b->ceiling || b->len > b->ceiling - n) {
		b->is_overflown = true;
		return NULL;
	}
	while (size < b->len + n)
		size = size > b->ceiling / 2 ? b->ceiling : size * 2;
	if (size > b->ceiling)
		size = b->ceiling;
	if (size > b->size || b->ptr == NULL) {
		b->ptr = mem_realloc(b->ptr, size + 1); /* the NUL that vsnprintf adds */
		b->size = size;
	}
	return b->ptr + b->len;
}

void buf_commit(struct buf *b, size_t n)
{
	b->len += n;
}

void buf_put_bytes(struct buf *b, const void *p, size_t n)
{
	char *to;

	if (n == 0)
		return;
	to = buf_reserve(b, n);
	if (to == NULL)
		return;
	memcpy(to, p, n);
	b->len += n;
}

void buf_put(struct buf *b, str s)
{
	buf_put_bytes(b, s.ptr, s.len);
}

void buf_put_c(struct buf *b, char c)
{
	buf_put_bytes(b, &c, 1);
}

void buf_put_u64(struct buf *b, uint64_t v)
{
	char  digits[20];
	char *p = digits + sizeof digits;

	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_put_bytes(b, p, (size_t)(digits + sizeof digits - p));
}

void buf_put_i64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_put_c(b, '-');
	buf_put_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int     n;
	char   *to;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		b->is_overflown = true;
	to = n < 0 ? NULL : buf_reserve(b, (size_t)n);
	if (to) {
		vsnprintf(to, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
	va_end(ap);
}

void buf_consume(struct buf *b, size_t n)
{
	if (n >= b->len) {
		b->len = 0;
		return;
	}
	memmove(b->ptr, b->ptr + n, b->len - n);
	b->len -= n;
}

status buf_status(const struct buf *b)
{
	if (b->is_overflown)
		return status_error(CODE_RESOURCE_EXHAUSTED, "too large");
	return STATUS_OK;
}

str buf_str(const struct buf *b)
{
	return (str){b->ptr, b->len};
}

char *buf_take(struct buf *b, size_t *out_len)
{
	char *p = b->ptr;

	*out_len = b->len;
	*b = (struct buf){.ceiling = b->ceiling};
	return p;
}
