/*
 * fiber/stack.h - stacks with a guard below, kept for the next fiber.
 *
 * Threads:  one.
 * Memory:   stacks belong to the pool, before and after they are borrowed.
 */
#ifndef FIBER_STACK_H
#define FIBER_STACK_H

#include <stddef.h>

#include "base/list.h"
#include "base/status.h"

struct fiber_stack {
	char  *low; /* the lowest usable byte */
	size_t bytes;

	struct list link;      /* in the pool: warm or cold */
	struct list pool_link; /* all of the pool */
};

struct fiber_stack_pool {
	size_t      stack_bytes;
	struct list all;
	struct list warm; /* newest first */
	struct list cold; /* their memory was given back to the kernel */
	size_t      n_warm;
	size_t      high_water; /* of stacks whose memory was given back */
};

/* Makes an empty pool of stacks of stack_bytes, rounded up to pages. */
void fiber_stack_pool_init(struct fiber_stack_pool *p, size_t stack_bytes);

/* Unmaps all stacks; none may be borrowed. A zeroed pool is not fine. */
void fiber_stack_pool_fini(struct fiber_stack_pool *p);

/* Borrows a stack. RESOURCE_EXHAUSTED when the kernel gives no more. */
must_check status fiber_stack_take(struct fiber_stack_pool *p, struct fiber_stack **out_stack);

/* Gives one back. */
void fiber_stack_put(struct fiber_stack_pool *p, struct fiber_stack *s);

/* The deepest use of any stack so far, in bytes. */
size_t fiber_stack_high_water(const struct fiber_stack_pool *p);

#endif
