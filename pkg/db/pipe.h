/*
 * db/pipe.h - a connection in pipeline mode, which the reads of many fibers share.
 *
 * Reads are answered in the order they were sent. They are sent in segments: the server keeps
 * their answers back until a segment ends, and skips what follows an error in it. What was skipped,
 * or under way when the connection was lost, is handed back to be sent again.
 *
 * Threads:  the loop's.
 * Memory:   owned by db/reads.h; a read lives on the stack of its fiber.
 */
#ifndef DB_PIPE_H
#define DB_PIPE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

#include "db/args.h"
#include "db/conn.h"

struct db_query;
struct fiber;

/*
 * Reads under way on one connection, and commands: no read has more than three, and the end of
 * the first segment may outlast its reads.
 */
enum { DB_PIPE_MAX_READS = 64, DB_PIPE_MAX_COMMANDS = 256 };

/* What a fiber waits for. */
struct db_read {
	struct list             link; /* while it waits to be sent, or sent again */
	struct fiber           *fiber;
	const struct db_query  *query;
	const struct db_params *params;
	struct db_pipe_command *command;    /* under way */
	PGresult               *result;     /* answered: rows or an error; the fiber clears it */
	bool                    has_failed; /* it gets no answer */
	bool                    was_sent;
	bool     is_alone; /* once skipped or lost: unprepared, in a segment of its own */
	unsigned n_losses; /* connections that were lost with it */
};

struct db_pipe_command {
	enum {
		DB_PIPE_PREPARE, /* for the read behind it, in a segment with it alone */
		DB_PIPE_READ,
		DB_PIPE_SYNC /* ends a segment */
	} kind;
	struct db_read        *read;  /* of READ; NULL: nobody waits for it any more */
	const struct db_query *query; /* of PREPARE */
};

struct db_pipe {
	struct db_conn         conn;                           /* leased as long as it is up */
	struct db_pipe_command commands[DB_PIPE_MAX_COMMANDS]; /* a ring, the oldest first */
	unsigned               first, n_commands;
	unsigned               n_reads;       /* under way */
	bool                   has_segment;   /* an unfinished one */
	PGresult              *result;        /* of the first command */
	int64_t                busy_since_ns; /* the loop's time of the latest answer */
	struct list            again;         /* reads that were skipped */
	/* Answers came: there is room, and `again` may hold something. */
	void (*on_answers)(struct db_pipe *p);
};

/* Prepares a pipe in its owner's storage and starts connecting. cfg->collect is its own. */
void db_pipe_start(struct db_pipe *p, const struct db_conn_config *cfg,
                   void (*on_answers)(struct db_pipe *p));

/* Closes it. */
void db_pipe_fini(struct db_pipe *p);

/* For cfg->collect. */
bool db_pipe_collect(struct db_conn *c);

/* After DB_CONN_FREE: makes it ready for reads. May lose it again. */
void db_pipe_open(struct db_pipe *p);

/* After DB_CONN_LOST: appends the reads under way to `reads`, and connects again. */
void db_pipe_close(struct db_pipe *p, struct list *reads);

/* How many more reads it takes now. */
unsigned db_pipe_room(const struct db_pipe *p);

/*
 * Adds a read to the segment, or sends it as one by itself. There must be room. False when the
 * connection is broken; the read is not on it then.
 */
bool db_pipe_send(struct db_pipe *p, struct db_read *read);

/* Ends the segment, if there is one, and sends it. False when the connection is broken. */
bool db_pipe_sync(struct db_pipe *p);

#endif
