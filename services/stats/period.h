/*
 * stats/period.h - from when to when messages count, and how many rows are asked for.
 *
 * What is asked of all times, stats.*_totals tell. Of a period, hours that lie within it are
 * counted by stats.counts; what is left at its ends, by message. That takes as long as the period
 * is, so it is for db_read_slow().
 */
#ifndef SERVICES_STATS_PERIOD_H
#define SERVICES_STATS_PERIOD_H

#include "db/query.h"
#include "google/protobuf/timestamp.schema.h"

enum { STATS_PERIOD_LIMIT = 10 };

/* 2200: whatever is asked, and whole hours up to there stay exact in SQL's arithmetic. */
#define STATS_PERIOD_MAX_US (INT64_C(7258118400) * 1000000)

/* Microseconds since 1970; each part ends before its `until`. */
struct stats_period {
	int64_t limit;
	bool    is_all;                                         /* it has no ends: totals tell */
	int64_t since, until;                                   /* all of it */
	int64_t hours_since, hours_until;                       /* whole hours */
	int64_t head_since, head_until, tail_since, tail_until; /* what they leave out */
};

/* NULL: without an end on that side. */
struct stats_period stats_period_make(int64_t limit, const pb_timestamp *since,
                                      const pb_timestamp *until);

/* Microseconds, rounded up to a whole one. */
int64_t stats_period_us(const pb_timestamp *t);

/* The period that a request of this type asks for. */
#define STATS_PERIOD(type, req)                                                                    \
	stats_period_make(type##_has_limit(req) ? (req)->limit : STATS_PERIOD_LIMIT, (req)->since, \
	                  (req)->until)

/* clang-format off */

/* SQL: a time from microseconds. */
#define STATS_PERIOD_TIME(us) "('epoch'::timestamptz + " us "::int8 * interval '1 microsecond')"

#define STATS_PERIOD_WITHIN(since, until)                                                          \
	"m.created_time >= " STATS_PERIOD_TIME(since) " AND m.created_time < " STATS_PERIOD_TIME(until)

/*
 * SQL: channel_id, account_id, hour and messages of public channels, with their names, to be summed
 * up. The parameters are STATS_PERIOD_ARGS(); $7 is the limit.
 */
#define STATS_PERIOD_COUNTED                                                                       \
	"(SELECT k.channel_id, k.account_id, k.hour, k.messages FROM stats.counts AS k"            \
	"  WHERE k.hour >= " STATS_PERIOD_TIME("$1") " AND k.hour < " STATS_PERIOD_TIME("$2")      \
	"  UNION ALL"                                                                              \
	"  SELECT m.channel_id, m.account_id, date_trunc('hour', m.created_time, 'UTC'), 1"        \
	"    FROM stats.messages AS m WHERE " STATS_PERIOD_WITHIN("$3", "$4")                      \
	"  UNION ALL"                                                                              \
	"  SELECT m.channel_id, m.account_id, date_trunc('hour', m.created_time, 'UTC'), 1"        \
	"    FROM stats.messages AS m WHERE " STATS_PERIOD_WITHIN("$5", "$6")                      \
	" ) AS n JOIN stats.channels AS c"                                                         \
	"     ON c.id = n.channel_id AND NOT c.is_private AND NOT c.is_deleted"

/* clang-format on */

#define STATS_PERIOD_ARGS(p)                                                                       \
	DB_ARGS(DB_I64((p)->hours_since), DB_I64((p)->hours_until), DB_I64((p)->head_since),       \
	        DB_I64((p)->head_until), DB_I64((p)->tail_since), DB_I64((p)->tail_until),         \
	        DB_I64((p)->limit))

/* Reads what `all` tells of all times ($1 is the limit), or `counted` of a period. */
#define STATS_PERIOD_READ(db, arena, p, all, counted, out_rows)                                    \
	((p)->is_all ? db_read((db), (arena), (all), DB_ARGS(DB_I64((p)->limit)), (out_rows))      \
	             : db_read_slow((db), (arena), (counted), STATS_PERIOD_ARGS(p), (out_rows)))

#endif
