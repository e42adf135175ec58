#include "loop/loop.h"

#include "base/clock.h"
#include "base/mem.h"
#include "loop/internal.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

/*
 * Design notes
 *
 * Everything that wakes the loop is in its epoll set, also the timers (timer_fd) and the
 * tasks (event_fd), so the epoll descriptor tells an outer loop all there is to know.
 * Both are watched edge-triggered: each ring counts once and is never read back.
 *
 * A turn: descriptors, timers, posted tasks, deferred tasks until none is left, then
 * timer_fd is armed for the next timer. Within a turn nothing rings for the loop itself;
 * between turns (in an outer loop's callback) loop_defer() and loop_timer_set() do.
 *
 * Posting rings only when the list was empty, and after the lock was let go: the woken thread
 * often runs before its waker goes on, and would wait for it. Once a task runs, its poster has
 * left the loop alone but for the bell, which it owns a part of; so the task may free whatever
 * the poster was using.
 */

static void ring(const struct loop_bell *b)
{
	const uint64_t one = 1;
	int            saved = errno; /* may run in a signal handler */

	/* Fails only when the counter is full, and then it has rung. */
	ssize_t written = write(b->fd, &one, sizeof one);

	(void)written;
	errno = saved;
}

static struct loop_bell *new_bell(void)
{
	struct loop_bell *b = mem_alloc(sizeof *b);

	atomic_init(&b->refs, 1);
	b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return b;
}

static void unref_bell(struct loop_bell *b)
{
	if (atomic_fetch_sub(&b->refs, 1) > 1)
		return;
	if (b->fd >= 0)
		close(b->fd);
	mem_free(b);
}

static bool watch_own(struct loop *l, int *fd)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET, .data.ptr = fd};

	return *fd >= 0 && epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, *fd, &ev) == 0;
}

status loop_new(struct loop **out_loop)
{
	struct loop *l = mem_zalloc(sizeof *l);

	list_init(&l->watches);
	list_init(&l->deferred);
	list_init(&l->posted);
	list_init(&l->taken);
	pthread_mutex_init(&l->posted_lock, NULL);
	atomic_init(&l->is_stopped, false);
	l->now_ns = clock_now_ns();
	l->armed_ns = CLOCK_NEVER;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->bell = new_bell();
	l->event_fd = l->bell->fd;
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->epoll_fd < 0 || !watch_own(l, &l->event_fd) || !watch_own(l, &l->timer_fd)) {
		loop_free(l);
		return status_error(CODE_UNAVAILABLE, "out of descriptors");
	}
	*out_loop = l;
	return STATUS_OK;
}

static void forget_all(struct list *head)
{
	while (!list_is_empty(head))
		list_remove(head->next);
}

static void close_own(int fd)
{
	if (fd >= 0)
		close(fd);
}

void loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	forget_all(&l->watches);
	forget_all(&l->deferred);
	pthread_mutex_lock(&l->posted_lock);
	forget_all(&l->posted);
	forget_all(&l->taken);
	pthread_mutex_unlock(&l->posted_lock);
	pthread_mutex_destroy(&l->posted_lock);
	loop_timer_forget(l);
	close_own(l->timer_fd);
	unref_bell(l->bell);
	close_own(l->epoll_fd);
	mem_free(l);
}

int loop_fd(const struct loop *l)
{
	return l->epoll_fd;
}

int64_t loop_now_ns(const struct loop *l)
{
	return l->now_ns;
}

/* Waits and fetches; the loop's own two descriptors are dealt with here. */
static void fetch(struct loop *l, int max_wait_ms)
{
	int n = epoll_wait(l->epoll_fd, l->fetched, LOOP_MAX_FETCHED, max_wait_ms);

	if (n < 0 && errno != EINTR)
		mem_die("loop: epoll_wait failed");
	l->n_fetched = n < 0 ? 0 : n;
	for (int i = 0; i < l->n_fetched; i++) {
		void *owner = l->fetched[i].data.ptr;

		if (owner == &l->timer_fd)
			l->armed_ns = CLOCK_NEVER;
		if (owner == &l->timer_fd || owner == &l->event_fd)
			l->fetched[i].data.ptr = NULL;
	}
}

/* Unlinks the first task, or NULL. Under the lock of the list, if it has one. */
static struct loop_task *next_task(struct list *head)
{
	struct loop_task *t;

	if (list_is_empty(head))
		return NULL;
	t = container_of(head->next, struct loop_task, link);
	list_remove(&t->link);
	return t;
}

static struct loop_task *next_posted(struct loop *l)
{
	struct loop_task *t;

	pthread_mutex_lock(&l->posted_lock);
	t = next_task(&l->taken);
	pthread_mutex_unlock(&l->posted_lock);
	return t;
}

static void run_posted(struct loop *l)
{
	struct loop_task *t;

	pthread_mutex_lock(&l->posted_lock);
	list_splice(&l->taken, &l->posted);
	pthread_mutex_unlock(&l->posted_lock);
	while ((t = next_posted(l)) != NULL)
		t->run(t);
}

static void run_deferred(struct loop *l)
{
	struct loop_task *t;

	while ((t = next_task(&l->deferred)) != NULL)
		t->run(t);
}

void loop_turn(struct loop *l, int max_wait_ms)
{
	if (l->is_turning)
		mem_die("loop: a turn within a turn");
	fetch(l, list_is_empty(&l->deferred) ? max_wait_ms : 0);
	l->is_turning = true;
	l->now_ns = clock_now_ns();
	loop_watch_dispatch(l);
	loop_timer_fire(l);
	run_posted(l);
	run_deferred(l);
	l->is_turning = false;
	loop_timer_arm(l);
}

void loop_run(struct loop *l)
{
	while (!atomic_load(&l->is_stopped))
		loop_turn(l, -1);
	atomic_store(&l->is_stopped, false);
}

void loop_stop(struct loop *l)
{
	atomic_store(&l->is_stopped, true);
	ring(l->bell);
}

void loop_task_init(struct loop_task *t, void (*run)(struct loop_task *t))
{
	t->run = run;
	list_init(&t->link);
}

struct loop_bell *loop_post_quietly(struct loop *l, struct loop_task *t)
{
	struct loop_bell *bell = NULL;

	pthread_mutex_lock(&l->posted_lock);
	if (list_is_empty(&t->link)) {
		if (list_is_empty(&l->posted)) {
			bell = l->bell;
			atomic_fetch_add(&bell->refs, 1);
		}
		list_append(&l->posted, &t->link);
	}
	pthread_mutex_unlock(&l->posted_lock);
	return bell;
}

void loop_bell_ring(struct loop_bell *b)
{
	if (b == NULL)
		return;
	ring(b);
	unref_bell(b);
}

void loop_post(struct loop *l, struct loop_task *t)
{
	loop_bell_ring(loop_post_quietly(l, t));
}

void loop_defer(struct loop *l, struct loop_task *t)
{
	if (!list_is_empty(&t->link))
		return;
	if (!l->is_turning && list_is_empty(&l->deferred))
		ring(l->bell);
	list_append(&l->deferred, &t->link);
}

void loop_task_cancel(struct loop *l, struct loop_task *t)
{
	pthread_mutex_lock(&l->posted_lock);
	list_remove(&t->link);
	pthread_mutex_unlock(&l->posted_lock);
}
