#include "db/conn.h"

#include "base/clock.h"
#include "base/mem.h"
#include "db/resolve.h"
#include "fiber/fiber.h"
#include "fiber/offload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Design notes
 *
 * An attempt: host names are resolved on the offload pool by a fiber of its own (libpq would
 * hold up the loop), then PQconnectPoll() is called whenever the socket is ready. libpq goes
 * from address to address and may close and open sockets while it does, so the watch is
 * removed before each step and set again after it.
 *
 * The resolving fiber may outlive the connection (a thread cannot be stopped): what they share
 * is the fiber's, and the connection that goes clears its pointer back.
 */

enum { CONNECT_TIMEOUT_MS = 5000, PAUSE_MIN_MS = 100, PAUSE_MAX_MS = 5000, STABLE_MS = 1000 };

struct db_conn_resolving {
	struct db_conn *conn; /* NULL: nobody waits any more */
	struct offload *offload;
	struct arena    arena;
	const char     *hosts, *ports;
	struct db_hosts found;
	status          st;
};

/* Half of ms to all of it, so that many do not come at once. */
static int64_t jittered_ms(uint32_t ms)
{
	return ms / 2 + arc4random_uniform(ms / 2 + 1);
}

static void set_timer_ms(struct db_conn *c, int64_t ms)
{
	loop_timer_set(c->cfg->loop, &c->timer, clock_after_ms(ms));
}

void db_conn_pause(struct db_conn *c)
{
	/* A server that takes connections and loses them at once is not asked in a tight loop. */
	bool was_stable = c->up_ns && clock_now_ns() - c->up_ns > STABLE_MS * CLOCK_NS_PER_MS;

	c->up_ns = 0;
	if (was_stable) {
		c->pause_ms = 0;
		set_timer_ms(c, 0);
		return;
	}
	c->pause_ms = c->pause_ms ? 2 * c->pause_ms : PAUSE_MIN_MS;
	if (c->pause_ms > PAUSE_MAX_MS)
		c->pause_ms = PAUSE_MAX_MS;
	set_timer_ms(c, jittered_ms(c->pause_ms));
}

void db_conn_hurry(struct db_conn *c)
{
	if (c->state == DB_CONN_DOWN && loop_timer_is_set(&c->timer))
		set_timer_ms(c, jittered_ms(PAUSE_MIN_MS));
}

static void fail(struct db_conn *c, const char *why)
{
	size_t n = strcspn(why, "\n");

	snprintf(c->trouble, sizeof c->trouble, "%.*s", (int)n, why);
	loop_timer_cancel(c->cfg->loop, &c->timer);
	loop_watch_remove(c->cfg->loop, &c->watch);
	PQfinish(c->pg);
	c->pg = NULL;
	c->state = DB_CONN_DOWN;
	db_conn_pause(c);
	c->cfg->on_event(c, DB_CONN_FAILED);
}

static void step(struct db_conn *c);

static void on_socket(struct loop_watch *w, unsigned events)
{
	(void)events;
	step(container_of(w, struct db_conn, watch));
}

static void await_socket(struct db_conn *c, unsigned events)
{
	if (loop_watch_add(c->cfg->loop, &c->watch, PQsocket(c->pg), events, on_socket).code !=
	    CODE_OK)
		fail(c, "out of descriptors");
}

static void step(struct db_conn *c)
{
	loop_watch_remove(c->cfg->loop, &c->watch);
	switch (PQconnectPoll(c->pg)) {
	case PGRES_POLLING_READING:
		await_socket(c, LOOP_READ);
		break;
	case PGRES_POLLING_WRITING:
		await_socket(c, LOOP_WRITE);
		break;
	case PGRES_POLLING_OK:
		loop_timer_cancel(c->cfg->loop, &c->timer);
		c->trouble[0] = '\0';
		c->up_ns = clock_now_ns();
		db_conn_on_up(c);
		break;
	default:
		fail(c, PQerrorMessage(c->pg));
	}
}

static void open_socket(struct db_conn *c, const struct db_conninfo *info)
{
	c->pg = PQconnectStartParams(info->keys, info->values, 0);
	if (c->pg == NULL)
		mem_die("out of memory");
	if (PQstatus(c->pg) == CONNECTION_BAD)
		fail(c, PQerrorMessage(c->pg));
	else
		await_socket(c, LOOP_WRITE);
}

/* ---- host names ---- */

static void resolve_on_thread(void *arg)
{
	struct db_conn_resolving *r = arg;

	r->st = db_resolve(&r->arena, r->hosts, r->ports, &r->found);
}

static void resolve_on_fiber(void *arg)
{
	struct db_conn_resolving *r = arg;
	status                    st = offload_run(r->offload, resolve_on_thread, r);
	struct db_conn           *c = r->conn;

	if (st.code == CODE_OK)
		st = r->st;
	if (c) {
		c->resolving = NULL;
		if (st.code == CODE_OK) {
			struct db_conninfo info =
			        db_conninfo_with_hosts(&r->arena, &c->cfg->info, &r->found);

			open_socket(c, &info);
		} else {
			fail(c, st.msg);
		}
	}
	arena_fini(&r->arena);
	mem_free(r);
}

static void resolve(struct db_conn *c, const char *hosts)
{
	const char               *ports = db_conninfo_get(&c->cfg->info, "port");
	struct db_conn_resolving *r = mem_zalloc(sizeof *r);

	arena_init(&r->arena, 0);
	r->conn = c;
	r->offload = c->cfg->offload;
	r->hosts = arena_cstr(&r->arena, str_c(hosts));
	r->ports = ports ? arena_cstr(&r->arena, str_c(ports)) : NULL;
	c->resolving = r;
	if (fiber_spawn(c->cfg->fibers, resolve_on_fiber, r, CLOCK_NEVER, NULL).code != CODE_OK) {
		c->resolving = NULL;
		arena_fini(&r->arena);
		mem_free(r);
		fail(c, "too many fibers to resolve the host name");
	}
}

void db_conn_forget_resolving(struct db_conn *c)
{
	if (c->resolving)
		c->resolving->conn = NULL;
	c->resolving = NULL;
}

/* ---- attempts ---- */

void db_conn_connect(struct db_conn *c)
{
	const char *hosts = db_conninfo_get(&c->cfg->info, "host");

	c->state = DB_CONN_CONNECTING;
	set_timer_ms(c, CONNECT_TIMEOUT_MS);
	if (db_conninfo_get(&c->cfg->info, "hostaddr") == NULL && db_resolve_is_needed(hosts))
		resolve(c, hosts);
	else
		open_socket(c, &c->cfg->info);
}

void db_conn_on_connect_timer(struct db_conn *c)
{
	if (c->state == DB_CONN_DOWN) {
		db_conn_connect(c);
		return;
	}
	db_conn_forget_resolving(c);
	fail(c, "no answer in time");
}
