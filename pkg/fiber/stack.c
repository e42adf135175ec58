#include "fiber/stack.h"

#include "base/mem.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Design notes
 *
 * How deep a stack was used is read off its memory, so running fibers pay nothing: the kernel
 * maps pages as they are first written, zeroed, and what was pushed stays behind. mincore()
 * says which pages exist, and the lowest of them is searched for its first byte that is not
 * zero. A stack's mark is taken before its memory is given back.
 */

enum {
	GUARD_BYTES = 64 * 1024, /* more than a page: a large frame must not step over it */
	MAX_WARM = 128,
	MAX_PAGES = 4096,
};

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

void fiber_stack_pool_init(struct fiber_stack_pool *p, size_t stack_bytes)
{
	size_t page = page_bytes();

	if (stack_bytes > MAX_PAGES * page)
		mem_die("fiber: stacks are too large");
	*p = (struct fiber_stack_pool){.stack_bytes = (stack_bytes + page - 1) / page * page};
	list_init(&p->all);
	list_init(&p->warm);
	list_init(&p->cold);
}

static status map_stack(size_t bytes, struct fiber_stack **out_stack)
{
	struct fiber_stack *s;
	char               *at = mmap(NULL, GUARD_BYTES + bytes, PROT_NONE,
	                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	if (at == MAP_FAILED)
		return status_error(CODE_RESOURCE_EXHAUSTED, "no memory for a stack");
	if (mprotect(at + GUARD_BYTES, bytes, PROT_READ | PROT_WRITE) != 0) {
		munmap(at, GUARD_BYTES + bytes);
		return status_error(CODE_RESOURCE_EXHAUSTED, "no memory for a stack");
	}
	s = mem_zalloc(sizeof *s);
	s->low = at + GUARD_BYTES;
	s->bytes = bytes;
	list_init(&s->link);
	*out_stack = s;
	return STATUS_OK;
}

void fiber_stack_pool_fini(struct fiber_stack_pool *p)
{
	list_for_each_safe (it, &p->all) {
		struct fiber_stack *s = container_of(it, struct fiber_stack, pool_link);

		munmap(s->low - GUARD_BYTES, GUARD_BYTES + s->bytes);
		mem_free(s);
	}
	*p = (struct fiber_stack_pool){0};
}

static struct fiber_stack *first_of(struct list *head)
{
	struct fiber_stack *s = container_of(head->next, struct fiber_stack, link);

	list_remove(&s->link);
	return s;
}

status fiber_stack_take(struct fiber_stack_pool *p, struct fiber_stack **out_stack)
{
	struct fiber_stack *s;

	if (!list_is_empty(&p->warm)) {
		s = first_of(&p->warm);
		p->n_warm--;
	} else if (!list_is_empty(&p->cold)) {
		s = first_of(&p->cold);
	} else {
		TRY(map_stack(p->stack_bytes, &s));
		list_append(&p->all, &s->pool_link);
	}
	*out_stack = s;
	return STATUS_OK;
}

/* Reads another fiber's frames, redzones and all, while a thread may write to one of them. */
__attribute__((no_sanitize("address", "thread"))) static const char *
first_used(const struct fiber_stack *s, size_t page)
{
	unsigned char   is_resident[MAX_PAGES];
	const char     *from = s->low;
	const char     *end = s->low + s->bytes;
	const uint64_t *word;

	if (mincore(s->low, s->bytes, is_resident) != 0)
		return end;
	for (size_t i = 0; from < end && !(is_resident[i] & 1); i++)
		from += page;
	for (word = (const void *)from; (const char *)word < end && *word == 0;)
		word++;
	return (const char *)word;
}

static size_t used_bytes(const struct fiber_stack *s)
{
	return (size_t)(s->low + s->bytes - first_used(s, page_bytes()));
}

void fiber_stack_put(struct fiber_stack_pool *p, struct fiber_stack *s)
{
	size_t used;

	if (p->n_warm < MAX_WARM) {
		list_prepend(&p->warm, &s->link);
		p->n_warm++;
		return;
	}
	used = used_bytes(s);
	if (used > p->high_water)
		p->high_water = used;
	/* When it fails the memory only stays ours. */
	(void)madvise(s->low, s->bytes, MADV_DONTNEED);
	list_prepend(&p->cold, &s->link);
}

size_t fiber_stack_high_water(const struct fiber_stack_pool *p)
{
	size_t deepest = p->high_water;

	list_for_each (it, &p->all) {
		size_t used = used_bytes(container_of(it, struct fiber_stack, pool_link));

		if (used > deepest)
			deepest = used;
	}
	return deepest;
}
