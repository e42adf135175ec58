/*
 * base/mem.h - the heap, and the rule for running out of it.
 *
 * Small allocations of our own size die when memory is out: no caller checks.
 * Anything whose size a peer chooses passes a ceiling first (buf, arena) and
 * comes back as RESOURCE_EXHAUSTED. malloc and free are called nowhere else.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Allocates n bytes, or dies. Free with mem_free(). */
void *mem_alloc(size_t n) __attribute__((malloc, returns_nonnull));

/* The same, zeroed. */
void *mem_zalloc(size_t n) __attribute__((malloc, returns_nonnull));

/* An array of n items of size bytes, zeroed; dies on overflow too. */
void *mem_zalloc_array(size_t n, size_t size) __attribute__((malloc, returns_nonnull));

/* Resizes p (NULL: allocates), or dies. */
void *mem_realloc(void *p, size_t n) __attribute__((returns_nonnull));

/* A NUL-terminated copy of n bytes at s, or dies. */
char *mem_strndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));

/* Frees p; NULL is fine. */
void mem_free(void *p);

/* Frees *(void **)p and clears it: the shape that AUTO wants. */
void mem_freep(void *p);

/* Runs fn(&variable) when the variable's scope ends. */
#define AUTO(fn) __attribute__((cleanup(fn)))

/* Ends the process with a line on stderr: our own mistake or no memory, never input. */
_Noreturn void mem_die(const char *why);

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
