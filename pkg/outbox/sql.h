/*
 * outbox/sql.h - the statements of OUTBOX_DEFINE() over the tables of a schema. Nobody else uses
 * them.
 *
 * Times are the database's own. $n are named beside each.
 */
#ifndef OUTBOX_SQL_H
#define OUTBOX_SQL_H

/* clang-format off */

/* topic, type, is_public, event */
#define OUTBOX_SQL_ADD(schema)                                                                     \
	"INSERT INTO " schema ".outbox (topic, type, is_public, event) VALUES ($1, $2, $3, $4)"

#define OUTBOX_SQL_LEASE_END(ms) "clock_timestamp() + make_interval(secs => " ms "::float8 / 1000)"

/*
 * What changes when the database is put back to an earlier state: restored elsewhere, rolled
 * forward to some point, loaded from a dump, or failed over to a copy that may have been behind.
 */
#define OUTBOX_SQL_ORIGIN(schema)                                                                  \
	"concat_ws(' ', (SELECT system_identifier FROM pg_control_system()),"                      \
	" substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8),"                             \
	" '" schema ".stream'::regclass::oid)"

/*
 * True. What is about to be told must not be lost in a crash, whatever the database's settings say
 * of commits in general: positions would be given again, to other events.
 */
#define OUTBOX_SQL_DURABLE                                                                         \
	"CASE current_setting('synchronous_commit')"                                               \
	"  WHEN 'off' THEN set_config('synchronous_commit', 'on', true) ELSE '' END IS NOT NULL"

/* owner, milliseconds: takes the lease, or makes it longer. No row while another one has it. */
#define OUTBOX_SQL_TAKE(schema)                                                                    \
	"WITH origin AS (SELECT " OUTBOX_SQL_ORIGIN(schema) " AS now)"                             \
	" UPDATE " schema ".stream AS s"                                                           \
	" SET owner = $1, lease_until = " OUTBOX_SQL_LEASE_END("$2") ", origin = origin.now,"      \
	"   epoch = CASE WHEN s.origin = origin.now THEN s.epoch"                                  \
	"     ELSE greatest(s.epoch + 1, " DB_US("clock_timestamp()") ") END"                      \
	" FROM origin"                                                                             \
	" WHERE (s.owner = $1 OR s.lease_until < clock_timestamp()) AND " OUTBOX_SQL_DURABLE       \
	" RETURNING s.epoch, s.next_position"

/* owner: whoever waits for the lease need not wait for its end. */
#define OUTBOX_SQL_GIVE_BACK(schema)                                                               \
	"UPDATE " schema ".stream SET lease_until = '-infinity' WHERE owner = $1"

/* owner: how it stands, in one row. Reads only. */
#define OUTBOX_SQL_LOOK(schema)                                                                    \
	"SELECT epoch, next_position, owner = $1 AS is_mine,"                                      \
	"       lease_until < clock_timestamp() AS is_over,"                                       \
	"       EXISTS (SELECT FROM " schema ".outbox WHERE position IS NULL) AS is_waiting"       \
	"  FROM " schema ".stream"

/*
 * owner, epoch, next position as it is known, rows at most, bytes at most, milliseconds: gives
 * positions to what was committed, in the order of ids. One statement, so one snapshot: what it
 * takes for unplaced is so, since next_position, looked at once more under the row's lock, is still
 * the one that was known before. No row: it is not, or the lease was lost. Otherwise as many rows
 * as were placed, or one of which all but the first column is NULL.
 */
#define OUTBOX_SQL_PLACE(schema)                                                                   \
	"WITH waiting AS ("                                                                        \
	"  SELECT id, event FROM " schema ".outbox WHERE position IS NULL ORDER BY id LIMIT $4"    \
	"), counted AS ("                                                                          \
	"  SELECT id, row_number() OVER w AS n, sum(octet_length(event)) OVER w AS bytes"          \
	"    FROM waiting WINDOW w AS (ORDER BY id)"                                               \
	"), batch AS ("                                                                            \
	"  SELECT id, n FROM counted WHERE n = 1 OR bytes <= $5"                                   \
	"), lease AS ("                                                                            \
	"  UPDATE " schema ".stream"                                                               \
	"     SET next_position = next_position + (SELECT count(*) FROM batch),"                   \
	"         lease_until = " OUTBOX_SQL_LEASE_END("$6")                                       \
	"   WHERE owner = $1 AND epoch = $2 AND next_position = $3 AND " OUTBOX_SQL_DURABLE        \
	"   RETURNING next_position"                                                               \
	"), placed AS ("                                                                           \
	"  UPDATE " schema ".outbox AS o SET position = $3 + batch.n - 1"                          \
	"    FROM batch, lease WHERE o.id = batch.id"                                              \
	"  RETURNING o.position, o.topic, o.type, o.is_public, o.event, o.created_time"            \
	")"                                                                                        \
	" SELECT lease.next_position, placed.position, placed.topic, placed.type,"                 \
	"        placed.is_public, placed.event, " DB_US("placed.created_time")                    \
	"   FROM lease LEFT JOIN placed ON true ORDER BY placed.position"

/*
 * milliseconds, rows at most: forgets the oldest. In the order of positions, so that what is left
 * has no gaps.
 */
#define OUTBOX_SQL_PRUNE(schema)                                                                   \
	"WITH first AS ("                                                                          \
	"  SELECT id, position, created_time FROM " schema ".outbox"                               \
	"   WHERE position IS NOT NULL ORDER BY position LIMIT $2"                                 \
	"), judged AS ("                                                                           \
	"  SELECT id, bool_and(created_time < clock_timestamp() -"                                 \
	"                      make_interval(secs => $1::float8 / 1000))"                          \
	"               OVER (ORDER BY position) AS is_old"                                        \
	"    FROM first"                                                                           \
	")"                                                                                        \
	" DELETE FROM " schema ".outbox AS o USING judged WHERE o.id = judged.id AND judged.is_old"

/*
 * after, rows at most, bytes at most: where the stream stands, and what comes after the position:
 * one row without an event when there is nothing.
 */
#define OUTBOX_SQL_READ(schema)                                                                    \
	"WITH next AS ("                                                                           \
	"  SELECT * FROM " schema ".outbox WHERE position > $1 ORDER BY position LIMIT $2"         \
	"), counted AS ("                                                                          \
	"  SELECT next.*, sum(octet_length(event)) OVER (ORDER BY position) AS bytes,"             \
	"         row_number() OVER (ORDER BY position) AS n FROM next"                            \
	")"                                                                                        \
	" SELECT s.next_position, c.position, c.topic, c.type, c.is_public, c.event, "             \
	        DB_US("c.created_time") ", s.epoch"                                                \
	"   FROM " schema ".stream AS s"                                                           \
	"   LEFT JOIN counted AS c ON c.n = 1 OR c.bytes <= $3"                                    \
	"  ORDER BY c.position"

/* clang-format on */

#endif
