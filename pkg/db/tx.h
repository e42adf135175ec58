/*
 * db/tx.h - what db.c and tx.c share. Nobody else includes it.
 */
#ifndef DB_TX_H
#define DB_TX_H

#include "db/conn.h"
#include "db/db.h"
#include "db/pool.h"
#include "db/reads.h"

struct db {
	struct arena          arena; /* of the connection strings */
	struct db_reads       reads;
	struct db_conn_config slow_cfg;
	struct db_pool        slow; /* started by the first slow read */
	struct db_pool        write;
	uint32_t              slow_connections;
	uint32_t              max_waiting;
	void (*on_announced)(void *arg); /* NULL: nobody listens */
	void *listener_arg;
};

/*
 * The status of a statement that changes something and committed by itself, or of a COMMIT: what
 * left without an answer may have happened.
 */
must_check status db_write_status(struct db_conn_answer answer);

#endif
