/*
 * fiber/sanitizer.h - tells AddressSanitizer, LeakSanitizer and ThreadSanitizer about stacks
 * and switches; nothing in other builds.
 *
 * On the resumer's side:  born, then for each stay  enter ... switch ... back, at last gone.
 * On the fiber's side:    started, then for each wait  leave ... switch ... returned, at last
 * ending.
 */
#ifndef FIBER_SANITIZER_H
#define FIBER_SANITIZER_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define FIBER_HAS_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define FIBER_HAS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_HAS_ASAN 1
#elif __has_feature(thread_sanitizer)
#define FIBER_HAS_TSAN 1
#endif
#endif

#if defined(FIBER_HAS_ASAN) || defined(FIBER_HAS_TSAN)
#define FIBER_HAS_SANITIZER 1
#else
#define FIBER_HAS_SANITIZER 0
#endif

#if defined(FIBER_HAS_ASAN)

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>

struct fiber_sanitizer {
	const void *low;
	size_t      bytes;
	void       *fake_stack;
	const void *resumer_low;
	size_t      resumer_bytes;
	void       *resumer_fake_stack;
};

static inline void fiber_sanitizer_born(struct fiber_sanitizer *s, const void *low, size_t bytes)
{
	*s = (struct fiber_sanitizer){.low = low, .bytes = bytes};
	/* The stack's last fiber ended within a frame: its redzones may still be poisoned. */
	__asan_unpoison_memory_region(low, bytes);
	__lsan_register_root_region(low, bytes);
}

static inline void fiber_sanitizer_enter(struct fiber_sanitizer *s)
{
	__sanitizer_start_switch_fiber(&s->resumer_fake_stack, s->low, s->bytes);
}

static inline void fiber_sanitizer_back(struct fiber_sanitizer *s)
{
	__sanitizer_finish_switch_fiber(s->resumer_fake_stack, NULL, NULL);
}

static inline void fiber_sanitizer_gone(struct fiber_sanitizer *s)
{
	__lsan_unregister_root_region(s->low, s->bytes);
}

static inline void fiber_sanitizer_started(struct fiber_sanitizer *s)
{
	__sanitizer_finish_switch_fiber(NULL, &s->resumer_low, &s->resumer_bytes);
}

static inline void fiber_sanitizer_leave(struct fiber_sanitizer *s)
{
	__sanitizer_start_switch_fiber(&s->fake_stack, s->resumer_low, s->resumer_bytes);
}

static inline void fiber_sanitizer_returned(struct fiber_sanitizer *s)
{
	__sanitizer_finish_switch_fiber(s->fake_stack, &s->resumer_low, &s->resumer_bytes);
}

static inline void fiber_sanitizer_ending(struct fiber_sanitizer *s)
{
	__sanitizer_start_switch_fiber(NULL, s->resumer_low, s->resumer_bytes);
}

#elif defined(FIBER_HAS_TSAN)

#include <sanitizer/tsan_interface.h>

struct fiber_sanitizer {
	void *own;
	void *resumer;
};

static inline void fiber_sanitizer_born(struct fiber_sanitizer *s, const void *low, size_t bytes)
{
	(void)low;
	(void)bytes;
	s->own = __tsan_create_fiber(0);
}

static inline void fiber_sanitizer_enter(struct fiber_sanitizer *s)
{
	s->resumer = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(s->own, 0);
}

static inline void fiber_sanitizer_back(struct fiber_sanitizer *s)
{
	(void)s;
}

static inline void fiber_sanitizer_gone(struct fiber_sanitizer *s)
{
	__tsan_destroy_fiber(s->own);
}

static inline void fiber_sanitizer_started(struct fiber_sanitizer *s)
{
	(void)s;
}

static inline void fiber_sanitizer_leave(struct fiber_sanitizer *s)
{
	__tsan_switch_to_fiber(s->resumer, 0);
}

static inline void fiber_sanitizer_returned(struct fiber_sanitizer *s)
{
	(void)s;
}

static inline void fiber_sanitizer_ending(struct fiber_sanitizer *s)
{
	__tsan_switch_to_fiber(s->resumer, 0);
}

#else

struct fiber_sanitizer {
	char unused;
};

static inline void fiber_sanitizer_born(struct fiber_sanitizer *s, const void *low, size_t bytes)
{
	(void)s;
	(void)low;
	(void)bytes;
}

static inline void fiber_sanitizer_nothing(struct fiber_sanitizer *s)
{
	(void)s;
}

#define fiber_sanitizer_enter    fiber_sanitizer_nothing
#define fiber_sanitizer_back     fiber_sanitizer_nothing
#define fiber_sanitizer_gone     fiber_sanitizer_nothing
#define fiber_sanitizer_started  fiber_sanitizer_nothing
#define fiber_sanitizer_leave    fiber_sanitizer_nothing
#define fiber_sanitizer_returned fiber_sanitizer_nothing
#define fiber_sanitizer_ending   fiber_sanitizer_nothing

#endif

#endif
