#include "base/arena.h"

#include "base/mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK_BYTES = 4096, ALIGN = alignof(max_align_t) };

struct arena_chunk {
	struct arena_chunk *older;
	size_t              size;
	alignas(max_align_t) char bytes[];
};

struct arena_cleanup {
	struct arena_cleanup *older;
	void (*fn)(void *arg);
	void *arg;
};

void arena_init(struct arena *a, size_t ceiling_bytes)
{
	*a = (struct arena){.ceiling = ceiling_bytes};
}

static void run_cleanups(struct arena *a)
{
	while (a->cleanup) {
		struct arena_cleanup *c = a->cleanup;

		a->cleanup = c->older;
		c->fn(c->arg);
	}
}

void arena_reset(struct arena *a)
{
	struct arena_chunk *first = a->chunk;

	run_cleanups(a);
	while (first && first->older) {
		struct arena_chunk *older = first->older;

		mem_free(first);
		first = older;
	}
	/* One large request must not hold its memory for good. */
	if (first && first->size > CHUNK_BYTES) {
		mem_free(first);
		first = NULL;
	}
	a->chunk = first;
	a->next = first ? first->bytes : NULL;
	a->end = first ? first->bytes + first->size : NULL;
	a->used = 0;
}

void arena_fini(struct arena *a)
{
	arena_reset(a);
	mem_free(a->chunk);
	*a = (struct arena){.ceiling = a->ceiling};
}

static void add_chunk(struct arena *a, size_t n)
{
	size_t              size = n > CHUNK_BYTES ? n : CHUNK_BYTES;
	struct arena_chunk *c;

	if (size > SIZE_MAX - sizeof *c)
		mem_die("arena: impossible size");
	c = mem_alloc(sizeof *c + size);
	c->older = a->chunk;
	c->size = size;
	a->chunk = c;
	a->next = c->bytes;
	a->end = c->bytes + size;
}

void *arena_alloc(struct arena *a, size_t n)
{
	void *p;

	if (n > SIZE_MAX - ALIGN)
		mem_die("arena: impossible size");
	n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (a->next == NULL || n > (size_t)(a->end - a->next))
		add_chunk(a, n);
	p = a->next;
	a->next += n;
	a->used += n;
	return p;
}

void *arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

void *arena_try_alloc(struct arena *a, size_t n)
{
	if (n > a->ceiling || a->used > a->ceiling - n)
		return NULL;
	return arena_alloc(a, n);
}

char *arena_cstr(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.len + 1);

	if (s.len)
		memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	return p;
}

str arena_dup(struct arena *a, str s)
{
	return (str){arena_cstr(a, s), s.len};
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	int     n;
	char   *p;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		mem_die("arena: bad format");
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char   *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

void arena_on_reset(struct arena *a, void (*fn)(void *arg), void *arg)
{
	struct arena_cleanup *c = arena_alloc(a, sizeof *c);

	*c = (struct arena_cleanup){.older = a->cleanup, .fn = fn, .arg = arg};
	a->cleanup = c;
}
