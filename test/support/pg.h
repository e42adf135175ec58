/*
 * support/pg.h - real PostgreSQL for tests.
 *
 * One cluster is shared by the whole run of ctest (fixture "pg"), each test with a database of its
 * own. A test that stops the server makes its own cluster. What goes wrong here ends the test
 * program with a reason; a cluster never outlives the program, however that ends.
 */
#ifndef TEST_SUPPORT_PG_H
#define TEST_SUPPORT_PG_H

#include <stdbool.h>

struct pg_cluster;

enum { PG_URL_BYTES = 192 };

/* Makes and starts a cluster in a temporary directory; fsync is off. */
struct pg_cluster *pg_cluster_new(void);

/* Stops and removes it. NULL is fine. */
void pg_cluster_free(struct pg_cluster *c);

/* Stops the server: politely, or at once without a checkpoint, as in a crash. */
void pg_cluster_stop(struct pg_cluster *c, bool is_crash);

/* Starts it again; fine when it runs. */
void pg_cluster_start(struct pg_cluster *c);

/* Stops the server politely and starts it. */
void pg_cluster_restart(struct pg_cluster *c);

/* Makes an empty database. */
void pg_database_new(struct pg_cluster *c, char out_url[PG_URL_BYTES]);

/* The same in the shared cluster, which is started if it is not there. */
void pg_shared_database(char out_url[PG_URL_BYTES]);

/* Runs statements by a connection of its own. */
void pg_exec(const char *url, const char *sql);

#endif
