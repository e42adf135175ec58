#include "loop/internal.h"

#include "base/mem.h"

static uint32_t to_epoll(unsigned events)
{
	return (events & LOOP_READ ? EPOLLIN : 0U) | (events & LOOP_WRITE ? EPOLLOUT : 0U);
}

static unsigned from_epoll(uint32_t events)
{
	unsigned got = 0;

	if (events & EPOLLIN)
		got |= LOOP_READ;
	if (events & EPOLLOUT)
		got |= LOOP_WRITE;
	if (events & (EPOLLERR | EPOLLHUP))
		got |= LOOP_ERROR;
	return got;
}

status loop_watch_add(struct loop *l, struct loop_watch *w, int fd, unsigned events,
                      void (*on_ready)(struct loop_watch *w, unsigned events))
{
	struct epoll_event ev = {.events = to_epoll(events), .data.ptr = w};

	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) != 0)
		return status_error(CODE_UNAVAILABLE, "descriptor cannot be watched");
	*w = (struct loop_watch){.fd = fd, .events = events, .on_ready = on_ready};
	list_append(&l->watches, &w->link);
	return STATUS_OK;
}

void loop_watch_set(struct loop *l, struct loop_watch *w, unsigned events)
{
	struct epoll_event ev = {.events = to_epoll(events), .data.ptr = w};

	if (events == w->events)
		return;
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, w->fd, &ev) != 0)
		mem_die("loop: a watch was changed after its descriptor was closed");
	w->events = events;
}

void loop_watch_remove(struct loop *l, struct loop_watch *w)
{
	if (w->link.next == NULL || list_is_empty(&w->link))
		return;
	/* Fails only for a descriptor that somebody closed: the kernel has forgotten it already. */
	(void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
	list_remove(&w->link);
	for (int i = 0; i < l->n_fetched; i++)
		if (l->fetched[i].data.ptr == w)
			l->fetched[i].data.ptr = NULL;
}

void loop_watch_dispatch(struct loop *l)
{
	for (int i = 0; i < l->n_fetched; i++) {
		struct loop_watch *w = l->fetched[i].data.ptr;
		unsigned           got;

		if (w == NULL)
			continue;
		/* A callback before this one may have changed what is awaited. */
		got = from_epoll(l->fetched[i].events) & (w->events | LOOP_ERROR);
		if (got)
			w->on_ready(w, got);
	}
	l->n_fetched = 0;
}
