/*
 * Design notes. A round tries each address of the host once, one after the other; names are asked
 * for anew in each round. After a round comes a pause, which between machines doubles up to its
 * limit, with chance in it: callers of a server that comes back do not come all at once.
 *
 * A try is over when the other end has greeted, over TLS after both know each other, and has its
 * time for all of that. One timer serves: while nothing is under way it begins the next round.
 */
#include "rpc/sp_dial.h"

#include "base/clock.h"
#include "base/mem.h"
#include "rpc/sp.h"
#include "rpc/sp_tls.h"

#include <errno.h>
#include <unistd.h>

enum { MIN_PAUSE_MS = 50, MAX_PAUSE_MS = 400, TRY_MS = 5000, RESOLVE_MS = 10000 };

/* ---- pauses ---- */

static uint32_t next_random(struct rpc_sp_dial *d)
{
	d->random ^= d->random << 13;
	d->random ^= d->random >> 17;
	d->random ^= d->random << 5;
	return d->random;
}

/* On one machine a try costs next to nothing. */
static bool is_here(const struct rpc_sp_dial *d)
{
	return d->to.net == RPC_SP_IPC || d->to.net == RPC_SP_LOOPBACK;
}

static void pause_then_try(struct rpc_sp_dial *d)
{
	const unsigned ms = d->pause_ms / 2 + next_random(d) % (d->pause_ms / 2);

	if (d->pause_ms < MAX_PAUSE_MS && !is_here(d))
		d->pause_ms *= 2;
	loop_timer_set(d->loop, &d->timer, clock_after_ms(ms));
}

/* ---- one try ---- */

static void end_try(struct rpc_sp_dial *d)
{
	if (d->fd < 0)
		return;
	loop_watch_remove(d->loop, &d->watch);
	if (d->is_connected)
		rpc_sp_conn_fini(&d->conn);
	else
		close(d->fd);
	d->fd = -1;
}

static bool begin_conn(struct rpc_sp_dial *d)
{
	struct ssl_st *ssl = NULL;
	int            error = 0;
	socklen_t      len = sizeof error;

	if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0)
		return false;
	if (d->tls) {
		ssl = rpc_sp_tls_connect(d->tls, d->fd, d->to.host);
		if (ssl == NULL)
			return false;
	}
	rpc_sp_conn_init(&d->conn, d->fd, ssl, RPC_SP_REQ, d->to.net == RPC_SP_IPC,
	                 RPC_SP_MAX_BODY);
	d->is_connected = true;
	return true;
}

static void open_up(struct rpc_sp_dial *d)
{
	loop_watch_remove(d->loop, &d->watch);
	loop_timer_cancel(d->loop, &d->timer);
	d->fd = -1;
	d->pause_ms = MIN_PAUSE_MS;
	d->on_open(d);
}

static void try_next(struct rpc_sp_dial *d);

static void on_ready(struct loop_watch *w, unsigned events)
{
	struct rpc_sp_dial *d = container_of(w, struct rpc_sp_dial, watch);
	bool                is_fine = d->is_connected || begin_conn(d);

	if (is_fine && events & (LOOP_READ | LOOP_ERROR))
		rpc_sp_conn_fill(&d->conn);
	is_fine =
	        is_fine && rpc_sp_conn_write(&d->conn) && rpc_sp_conn_look(&d->conn) != RPC_SP_END;
	if (!is_fine) {
		end_try(d);
		try_next(d);
	} else if (d->conn.is_greeted) {
		open_up(d);
	} else {
		loop_watch_set(d->loop, w, rpc_sp_conn_awaits(&d->conn));
	}
}

static bool begin_try(struct rpc_sp_dial *d, const struct rpc_sp_sockaddr *a)
{
	d->fd = socket(a->at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	d->is_connected = false;
	if (d->fd < 0)
		return false;
	if ((connect(d->fd, (const struct sockaddr *)&a->at, a->len) == 0 ||
	     errno == EINPROGRESS) &&
	    loop_watch_add(d->loop, &d->watch, d->fd, LOOP_WRITE, on_ready).code == CODE_OK) {
		loop_timer_set(d->loop, &d->timer, clock_after_ms(TRY_MS));
		return true;
	}
	end_try(d);
	return false;
}

static void try_next(struct rpc_sp_dial *d)
{
	while (d->n_tried < d->n_found)
		if (begin_try(d, &d->found[d->n_tried++]))
			return;
	pause_then_try(d);
}

/* ---- rounds ---- */

static void on_found(void *arg, const struct rpc_sp_sockaddr *found, unsigned n)
{
	struct rpc_sp_dial *d = arg;

	d->resolve = NULL;
	d->n_tried = 0;
	for (d->n_found = 0; d->n_found < n; d->n_found++)
		d->found[d->n_found] = found[d->n_found];
	try_next(d);
}

static void begin_round(struct rpc_sp_dial *d)
{
	struct rpc_sp_sockaddr numeric;

	if (rpc_sp_address_is_numeric(&d->to, &numeric)) {
		on_found(d, &numeric, 1);
		return;
	}
	d->resolve = rpc_sp_resolve_start(d->loop, &d->to, on_found, d);
	if (d->resolve)
		loop_timer_set(d->loop, &d->timer, clock_after_ms(RESOLVE_MS));
	else
		pause_then_try(d);
}

static void on_timer(struct loop_timer *t)
{
	struct rpc_sp_dial *d = container_of(t, struct rpc_sp_dial, timer);

	if (d->fd >= 0) {
		end_try(d);
		try_next(d);
	} else if (d->resolve) {
		rpc_sp_resolve_cancel(d->resolve);
		d->resolve = NULL;
		pause_then_try(d);
	} else {
		begin_round(d);
	}
}

void rpc_sp_dial_init(struct rpc_sp_dial *d, struct loop *l, const struct rpc_sp_address *to,
                      struct rpc_sp_tls *tls, void (*on_open)(struct rpc_sp_dial *d))
{
	*d = (struct rpc_sp_dial){.loop = l,
	                          .to = *to,
	                          .tls = tls,
	                          .on_open = on_open,
	                          .fd = -1,
	                          .pause_ms = MIN_PAUSE_MS,
	                          .random = (uint32_t)clock_now_ns() | 1};
	loop_timer_init(&d->timer, on_timer);
}

void rpc_sp_dial_start(struct rpc_sp_dial *d)
{
	loop_timer_set(d->loop, &d->timer, loop_now_ns(d->loop));
}

void rpc_sp_dial_again(struct rpc_sp_dial *d)
{
	pause_then_try(d);
}

void rpc_sp_dial_stop(struct rpc_sp_dial *d)
{
	end_try(d);
	rpc_sp_resolve_cancel(d->resolve);
	d->resolve = NULL;
	loop_timer_cancel(d->loop, &d->timer);
}
