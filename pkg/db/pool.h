/*
 * db/pool.h - a fixed set of connections, one leased per statement or transaction.
 *
 * When every connection is leased, fibers queue in order. When none can be opened, they fail at
 * once; during the very first attempt they wait for its end.
 *
 * Threads:  the loop's.
 * Memory:   the pool owns its connections; a lease borrows one.
 */
#ifndef DB_POOL_H
#define DB_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/status.h"

#include "db/conn.h"

struct db_pool {
	struct db_conn_config conn_cfg;
	struct db_conn       *conns;
	uint32_t              n_conns;
	struct list           free; /* the latest used first: its session is warm */
	struct list           waiters;
	uint32_t              n_waiting;
	uint32_t              max_waiting;
	bool                  is_failing; /* the latest attempt to connect failed */
};

/* Prepares a pool in the caller's storage and starts connecting; owner and on_event are its own. */
void db_pool_start(struct db_pool *p, const struct db_conn_config *cfg, uint32_t n_conns,
                   uint32_t max_waiting);

/* Closes all. No fiber may wait or hold a lease. */
void db_pool_fini(struct db_pool *p);

/*
 * Leases a connection until db_conn_release(). UNAVAILABLE when the server is away, the queue is
 * full or none came free within the fiber's deadline; CANCELLED.
 */
must_check status db_pool_lease(struct db_pool *p, struct db_conn **out_conn);

#endif
