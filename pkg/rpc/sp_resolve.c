/*
 * Design notes. getaddrinfo(3) cannot be interrupted: whoever gives a question up leaves it to its
 * thread, and the last of both frees it. Nothing else is shared between them.
 */
#include "rpc/sp_resolve.h"

#include "base/mem.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

struct rpc_sp_resolve {
	struct rpc_sp_address  address;
	struct rpc_sp_sockaddr found[RPC_SP_MAX_FOUND]; /* the thread's until it is over */
	unsigned               n_found;
	void (*on_found)(void *arg, const struct rpc_sp_sockaddr *found, unsigned n);
	void            *arg;
	struct loop_task task;
	pthread_mutex_t  mutex; /* guards what follows */
	struct loop     *loop;  /* NULL: given up */
	bool             is_over;
};

static void free_resolve(struct rpc_sp_resolve *r)
{
	pthread_mutex_destroy(&r->mutex);
	mem_free(r);
}

/* ---- on the thread ---- */

static void ask(struct rpc_sp_resolve *r)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	struct addrinfo      *all;

	if (getaddrinfo(r->address.host, r->address.port, &hints, &all) != 0)
		return;
	for (const struct addrinfo *i = all; i && r->n_found < RPC_SP_MAX_FOUND; i = i->ai_next) {
		struct rpc_sp_sockaddr *to = &r->found[r->n_found++];

		memcpy(&to->at, i->ai_addr, to->len = i->ai_addrlen);
	}
	freeaddrinfo(all);
}

static void *run(void *arg)
{
	struct rpc_sp_resolve *r = arg;
	struct loop_bell      *bell = NULL;
	bool                   is_given_up;

	ask(r);
	pthread_mutex_lock(&r->mutex);
	r->is_over = true;
	is_given_up = r->loop == NULL;
	if (!is_given_up)
		bell = loop_post_quietly(r->loop, &r->task);
	pthread_mutex_unlock(&r->mutex);
	if (is_given_up)
		free_resolve(r);
	loop_bell_ring(bell);
	return NULL;
}

static bool start_thread(struct rpc_sp_resolve *r)
{
	pthread_attr_t detached;
	pthread_t      thread;
	sigset_t       all, before;
	int            error;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &detached, run, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&detached);
	return error == 0;
}

/* ---- on the loop ---- */

static void on_over(struct loop_task *t)
{
	struct rpc_sp_resolve *r = container_of(t, struct rpc_sp_resolve, task);

	/* The thread may not have let go yet. */
	pthread_mutex_lock(&r->mutex);
	pthread_mutex_unlock(&r->mutex);
	r->on_found(r->arg, r->found, r->n_found);
	free_resolve(r);
}

struct rpc_sp_resolve *
rpc_sp_resolve_start(struct loop *l, const struct rpc_sp_address *a,
                     void (*on_found)(void *arg, const struct rpc_sp_sockaddr *found, unsigned n),
                     void *arg)
{
	struct rpc_sp_resolve *r = mem_zalloc(sizeof *r);

	r->address = *a;
	r->on_found = on_found;
	r->arg = arg;
	r->loop = l;
	loop_task_init(&r->task, on_over);
	pthread_mutex_init(&r->mutex, NULL);
	if (start_thread(r))
		return r;
	free_resolve(r);
	return NULL;
}

void rpc_sp_resolve_cancel(struct rpc_sp_resolve *r)
{
	struct loop *l;
	bool         is_over;

	if (r == NULL)
		return;
	pthread_mutex_lock(&r->mutex);
	l = r->loop;
	r->loop = NULL;
	is_over = r->is_over;
	pthread_mutex_unlock(&r->mutex);
	if (!is_over)
		return;
	loop_task_cancel(l, &r->task);
	free_resolve(r);
}
