#include "services/incidents/included.h"

#include "services/incidents/incidents.h"

#include <string.h>

/* With 10,000 incidents they are as much as a message may hold (PB_MAX_FIELDS). */
enum { MAX_SAID = 10000 };

/* Of more incidents it may take long. */
enum { QUICK_IDS = 1000 };

/* SQL: of one incident. */
#define MAX_SAID_OF_ONE "1000"

/* clang-format off */
/* The index has those of one opinion in order: no more of either than are wanted are looked at. */
#define NEWEST(opinion)                                                                            \
	"(SELECT id, account_id, is_still_present, created_time FROM incidents.interactions"       \
	"  WHERE incident_id = wanted.id AND is_still_present = " opinion                          \
	"  ORDER BY id DESC LIMIT " MAX_SAID_OF_ONE ")"

DB_QUERY(select_interactions,
         "SELECT wanted.n, x.id, x.account_id, x.is_still_present, " DB_US("x.created_time")
         "  FROM unnest($1::int8[]) WITH ORDINALITY AS wanted (id, n)"
         " CROSS JOIN LATERAL (" NEWEST("true") " UNION ALL " NEWEST("false")
         "   ORDER BY id DESC LIMIT " MAX_SAID_OF_ONE ") AS x"
         " ORDER BY wanted.n, x.id DESC LIMIT $2");
/* clang-format on */

DB_QUERY(select_summaries,
         "SELECT x.positives, x.total - x.positives"
         "  FROM unnest($1::int8[]) WITH ORDINALITY AS wanted (id, n)"
         " CROSS JOIN LATERAL ("
         "    SELECT count(*) FILTER (WHERE is_still_present) AS positives, count(*) AS total"
         "      FROM incidents.interactions WHERE incident_id = wanted.id) AS x"
         " ORDER BY wanted.n");

static status select_all(struct incidents *app, struct rpc_call *call, const struct db_query *q,
                         struct db_args args, struct db_rows **out_rows)
{
	const bool is_quick = args.items[0].count <= QUICK_IDS;

	return (is_quick ? db_read : db_read_slow)(app->db, &call->arena, q, args, out_rows);
}

static status load_said(struct incidents *app, struct rpc_call *call, const int64_t *ids,
                        size_t n_ids, struct incidents_included *in)
{
	struct arena   *a = &call->arena;
	struct db_rows *rows;
	size_t          n, at = 0;

	TRY(select_all(app, call, &select_interactions,
	               DB_ARGS(DB_I64S(ids, n_ids), DB_I64(MAX_SAID + 1)), &rows));
	n = db_rows_count(rows);
	/* The last one may not have come whole; the first has, as it has fewer. */
	if (n > MAX_SAID)
		in->n = (size_t)db_rows_i64(rows, n - 1, 0) - 1;
	in->said = arena_alloc(a, (n + 1) * sizeof *in->said);
	in->said_ends = arena_alloc(a, (in->n + 1) * sizeof *in->said_ends);
	for (size_t i = 0; i < in->n; i++) {
		for (; at < n && db_rows_i64(rows, at, 0) == (int64_t)i + 1; at++)
			in->said[at] = (struct incidents_interaction_row){
			        .id = db_rows_i64(rows, at, 1),
			        .account_id = db_rows_i64(rows, at, 2),
			        .is_still_present = db_rows_bool(rows, at, 3),
			        .created_us = db_rows_us(rows, at, 4),
			};
		in->said_ends[i] = at;
	}
	return STATUS_OK;
}

static status load_summaries(struct incidents *app, struct rpc_call *call, const int64_t *ids,
                             size_t n_ids, struct incidents_included *in)
{
	struct db_rows *rows;

	TRY(select_all(app, call, &select_summaries, DB_ARGS(DB_I64S(ids, n_ids)), &rows));
	in->summaries = arena_alloc(&call->arena, (n_ids + 1) * sizeof *in->summaries);
	for (size_t i = 0; i < n_ids; i++)
		in->summaries[i] = (struct incidents_included_summary){
		        .positives = db_rows_i64(rows, i, 0), .negatives = db_rows_i64(rows, i, 1)};
	return STATUS_OK;
}

status incidents_included_load(struct incidents *app, struct rpc_call *call, const int64_t *ids,
                               size_t n_ids, const char *include,
                               struct incidents_included *out_included)
{
	struct incidents_included in = {.n = n_ids};

	if (n_ids > 0 && strcmp(include, "interactions") == 0)
		TRY(load_said(app, call, ids, n_ids, &in));
	else if (n_ids > 0 && strcmp(include, "summary") == 0)
		TRY(load_summaries(app, call, ids, n_ids, &in));
	*out_included = in;
	return STATUS_OK;
}
