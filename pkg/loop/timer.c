#include "loop/internal.h"

#include "base/clock.h"
#include "base/mem.h"

#include <sys/timerfd.h>

/*
 * Design notes
 *
 * timer_fd makes the epoll descriptor readable when the earliest timer is due. Most timers
 * are deadlines that are set and taken back thousands of times a second, so timer_fd is only
 * ever moved forward in time when it rings: armed_ns is at most the earliest timer's time,
 * often less, and a ring with nothing due costs one idle turn.
 */

enum { FIRST_TIMERS = 64 };

static void place(struct loop_timer_heap *h, uint32_t i, struct loop_timer *t)
{
	h->at[i] = t;
	t->index = i;
}

static void sift_up(struct loop_timer_heap *h, uint32_t i, struct loop_timer *t)
{
	while (i > 1 && t->at_ns < h->at[i / 2]->at_ns) {
		place(h, i, h->at[i / 2]);
		i /= 2;
	}
	place(h, i, t);
}

static void sift_down(struct loop_timer_heap *h, uint32_t i, struct loop_timer *t)
{
	for (;;) {
		uint32_t child = 2 * i;

		if (child > h->n)
			break;
		if (child < h->n && h->at[child + 1]->at_ns < h->at[child]->at_ns)
			child++;
		if (t->at_ns <= h->at[child]->at_ns)
			break;
		place(h, i, h->at[child]);
		i = child;
	}
	place(h, i, t);
}

/* Puts t where place i is free: up or down, only one of them moves it. */
static void settle(struct loop_timer_heap *h, uint32_t i, struct loop_timer *t)
{
	if (i > 1 && t->at_ns < h->at[i / 2]->at_ns)
		sift_up(h, i, t);
	else
		sift_down(h, i, t);
}

static void take_out(struct loop_timer_heap *h, struct loop_timer *t)
{
	uint32_t           i = t->index;
	struct loop_timer *last = h->at[h->n--];

	t->index = 0;
	if (last != t)
		settle(h, i, last);
}

static void put_in(struct loop_timer_heap *h, struct loop_timer *t)
{
	if (h->n + 1 >= h->size) {
		h->size = h->size ? 2 * h->size : FIRST_TIMERS;
		h->at = mem_realloc(h->at, h->size * sizeof(struct loop_timer *));
	}
	h->n++;
	sift_up(h, h->n, t);
}

void loop_timer_init(struct loop_timer *t, void (*on_fire)(struct loop_timer *t))
{
	*t = (struct loop_timer){.on_fire = on_fire};
}

bool loop_timer_is_set(const struct loop_timer *t)
{
	return t->index != 0;
}

void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t at_ns)
{
	if (t->index)
		take_out(&l->timers, t);
	/* What is set while timers fire waits for the next turn, or one could fire for ever. */
	t->at_ns = l->is_firing && at_ns <= l->now_ns ? l->now_ns + 1 : at_ns;
	put_in(&l->timers, t);
	if (!l->is_turning)
		loop_timer_arm(l);
}

void loop_timer_cancel(struct loop *l, struct loop_timer *t)
{
	if (t->index)
		take_out(&l->timers, t);
}

void loop_timer_fire(struct loop *l)
{
	struct loop_timer_heap *h = &l->timers;

	l->is_firing = true;
	while (h->n && h->at[1]->at_ns <= l->now_ns) {
		struct loop_timer *t = h->at[1];

		take_out(h, t);
		t->on_fire(t);
	}
	l->is_firing = false;
}

void loop_timer_arm(struct loop *l)
{
	struct itimerspec when = {0};
	int64_t           at_ns;

	if (l->timers.n == 0 || l->timers.at[1]->at_ns >= l->armed_ns)
		return;
	at_ns = l->timers.at[1]->at_ns;
	l->armed_ns = at_ns;
	if (at_ns < 1)
		at_ns = 1; /* zero would disarm it */
	when.it_value.tv_sec = at_ns / CLOCK_NS_PER_S;
	when.it_value.tv_nsec = at_ns % CLOCK_NS_PER_S;
	if (timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &when, NULL) != 0)
		mem_die("loop: timerfd_settime failed");
}

void loop_timer_forget(struct loop *l)
{
	for (uint32_t i = 1; i <= l->timers.n; i++)
		l->timers.at[i]->index = 0;
	mem_free(l->timers.at);
	l->timers = (struct loop_timer_heap){0};
}
