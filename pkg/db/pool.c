#include "db/pool.h"

#include "base/clock.h"
#include "base/mem.h"
#include "fiber/fiber.h"

struct waiter {
	struct list     link;
	struct fiber   *fiber;
	struct db_conn *conn;       /* granted */
	bool            has_failed; /* the server is away */
};

static struct waiter *next_waiter(struct db_pool *p)
{
	struct waiter *w;

	if (list_is_empty(&p->waiters))
		return NULL;
	w = container_of(p->waiters.next, struct waiter, link);
	list_remove(&w->link);
	p->n_waiting--;
	return w;
}

static bool is_any_open(const struct db_pool *p)
{
	for (uint32_t i = 0; i < p->n_conns; i++)
		if (db_conn_is_open(&p->conns[i]))
			return true;
	return false;
}

static void on_free(struct db_pool *p, struct db_conn *c)
{
	struct waiter *w = next_waiter(p);

	if (w) {
		c->is_leased = true;
		w->conn = c;
		fiber_wake(w->fiber);
	} else {
		list_prepend(&p->free, &c->link);
	}
	if (!p->is_failing)
		return;
	p->is_failing = false;
	for (uint32_t i = 0; i < p->n_conns; i++)
		db_conn_hurry(&p->conns[i]);
}

static void on_failed(struct db_pool *p)
{
	struct waiter *w;

	p->is_failing = true;
	if (is_any_open(p))
		return;
	while ((w = next_waiter(p)) != NULL) {
		w->has_failed = true;
		fiber_wake(w->fiber);
	}
}

static void on_event(struct db_conn *c, enum db_conn_event e)
{
	struct db_pool *p = c->cfg->owner;

	switch (e) {
	case DB_CONN_FREE:
		on_free(p, c);
		break;
	case DB_CONN_LOST:
		list_remove(&c->link);
		break;
	case DB_CONN_FAILED:
		on_failed(p);
		break;
	}
}

void db_pool_start(struct db_pool *p, const struct db_conn_config *cfg, uint32_t n_conns,
                   uint32_t max_waiting)
{
	*p = (struct db_pool){.conn_cfg = *cfg, .n_conns = n_conns, .max_waiting = max_waiting};
	p->conn_cfg.owner = p;
	p->conn_cfg.on_event = on_event;
	list_init(&p->free);
	list_init(&p->waiters);
	p->conns = mem_zalloc_array(n_conns, sizeof p->conns[0]);
	for (uint32_t i = 0; i < n_conns; i++)
		db_conn_start(&p->conns[i], &p->conn_cfg);
}

void db_pool_fini(struct db_pool *p)
{
	if (p->n_waiting)
		mem_die("db: closed while fibers wait");
	for (uint32_t i = 0; i < p->n_conns; i++)
		db_conn_fini(&p->conns[i]);
	mem_free(p->conns);
}

static struct db_conn *take_free(struct db_pool *p)
{
	while (!list_is_empty(&p->free)) {
		struct db_conn *c = container_of(p->free.next, struct db_conn, link);

		/* A dead one leaves the list by itself. */
		if (!db_conn_check(c))
			continue;
		list_remove(&c->link);
		c->is_leased = true;
		return c;
	}
	return NULL;
}

static status server_is_away(void)
{
	return status_error(CODE_UNAVAILABLE, "the database cannot be reached");
}

/* Out of the queue, whether or not a connection came in the same turn. */
static status give_up(struct db_pool *p, struct waiter *w, status why)
{
	if (w->conn) {
		db_conn_release(w->conn);
	} else if (!w->has_failed) {
		list_remove(&w->link);
		p->n_waiting--;
	}
	/* Nothing was sent: to the caller that is not the same as a deadline. */
	if (why.code == CODE_DEADLINE_EXCEEDED)
		return status_error(CODE_UNAVAILABLE, "no database connection came free in time");
	return why;
}

status db_pool_lease(struct db_pool *p, struct db_conn **out_conn)
{
	struct waiter   w = {.fiber = fiber_current()};
	struct db_conn *c = take_free(p);

	if (c) {
		*out_conn = c;
		return STATUS_OK;
	}
	if (p->is_failing && !is_any_open(p))
		return server_is_away();
	if (p->n_waiting >= p->max_waiting)
		return status_error(CODE_UNAVAILABLE, "too many wait for the database");
	list_append(&p->waiters, &w.link);
	p->n_waiting++;
	while (w.conn == NULL && !w.has_failed) {
		status st = fiber_suspend(CLOCK_NEVER);

		if (st.code != CODE_OK)
			return give_up(p, &w, st);
	}
	if (w.has_failed)
		return server_is_away();
	*out_conn = w.conn;
	return STATUS_OK;
}
