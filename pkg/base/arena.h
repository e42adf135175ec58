/*
 * base/arena.h - memory that dies together: all that one request allocates.
 *
 * Threads:  none of its own; one owner at a time.
 * Memory:   nothing is freed singly. arena_reset() keeps a first chunk of ordinary
 *           size for reuse.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"

struct arena_chunk;
struct arena_cleanup;

struct arena {
	struct arena_chunk   *chunk;   /* newest first */
	char                 *next;    /* free room in the newest chunk ... */
	char                 *end;     /* ... up to here */
	size_t                used;    /* bytes handed out */
	size_t                ceiling; /* for arena_try_alloc() */
	struct arena_cleanup *cleanup;
};

/* Makes an empty arena in the caller's storage; allocates nothing yet. */
void arena_init(struct arena *a, size_t ceiling_bytes);

/* Runs the clean-ups, newest first, and frees all. A zeroed arena is fine. */
void arena_fini(struct arena *a);

/* Runs the clean-ups and empties the arena; every pointer into it is dead. */
void arena_reset(struct arena *a);

/* n bytes of our own choosing, aligned for any type; never fails, knows no ceiling. */
void *arena_alloc(struct arena *a, size_t n) __attribute__((returns_nonnull));

/* The same, zeroed. */
void *arena_zalloc(struct arena *a, size_t n) __attribute__((returns_nonnull));

/* n bytes whose number a peer chose; NULL past the ceiling. */
void *arena_try_alloc(struct arena *a, size_t n);

/* A NUL-terminated copy of a slice. */
char *arena_cstr(struct arena *a, str s) __attribute__((returns_nonnull));

/* A copy of a slice. */
str arena_dup(struct arena *a, str s);

/* Formats into the arena. */
char *arena_printf(struct arena *a, const char *fmt, ...)
        __attribute__((format(printf, 2, 3), returns_nonnull));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
        __attribute__((format(printf, 2, 0), returns_nonnull));

/* Calls fn(arg) when the arena is reset or ends: for what it cannot hold itself (a PGresult). */
void arena_on_reset(struct arena *a, void (*fn)(void *arg), void *arg);

#endif
