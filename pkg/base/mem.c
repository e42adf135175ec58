#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void mem_die(const char *why)
{
	fprintf(stderr, "canaduck: fatal: %s\n", why);
	abort();
}

void *mem_alloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (p == NULL)
		mem_die("out of memory");
	return p;
}

void *mem_zalloc(size_t n)
{
	return mem_zalloc_array(1, n);
}

void *mem_zalloc_array(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (p == NULL)
		mem_die("out of memory");
	return p;
}

void *mem_realloc(void *p, size_t n)
{
	p = realloc(p, n ? n : 1);
	if (p == NULL)
		mem_die("out of memory");
	return p;
}

char *mem_strndup(const char *s, size_t n)
{
	char *p = mem_alloc(n + 1);

	if (n)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

void mem_free(void *p)
{
	free(p);
}

void mem_freep(void *p)
{
	free(*(void **)p);
	*(void **)p = NULL;
}
