#include "outbox/read.h"

#include "db/db.h"
#include "outbox/outbox.h"
#include "outbox/row.h"
#include "rpc/call.h"

enum { MAX_BYTES = 1024 * 1024 };

static void fill(struct events *app, struct arena *a, const struct db_rows *rows,
                 events_read_response *response)
{
	const size_t  n = db_rows_count(rows);
	events_event *events = arena_alloc(a, n * sizeof *events);

	response->events = arena_alloc(a, n * sizeof *response->events);
	response->n_events = n;
	for (size_t i = 0; i < n; i++) {
		outbox_row_read(rows, i, app->outbox, response->epoch, a, &events[i]);
		response->events[i] = &events[i];
	}
}

static status out_of_range(const char *why)
{
	return status_error(CODE_OUT_OF_RANGE, why);
}

/* Rows and where the stream stands are of one statement: they fit each other. */
status events_read(struct events *app, struct rpc_call *call, const events_read_request *req,
                   events_read_response *out_response)
{
	struct db_rows *rows;
	bool            is_empty;

	TRY(db_read(app->db, &call->arena, app->outbox->queries->read,
	            DB_ARGS(DB_I64(req->after), DB_I64(req->limit), DB_I64(MAX_BYTES)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_INTERNAL, "the stream's row is missing");
	out_response->epoch = db_rows_i64(rows, 0, OUTBOX_ROW_EPOCH);
	out_response->last_position = db_rows_i64(rows, 0, OUTBOX_ROW_NEXT_POSITION) - 1;
	if (req->limit == 0)
		return STATUS_OK;

	if (req->epoch != 0 && req->epoch != out_response->epoch)
		return out_of_range("the stream began anew");
	if (req->after > out_response->last_position)
		return out_of_range("the stream is not there yet");
	is_empty = db_rows_is_null(rows, 0, OUTBOX_ROW_POSITION);
	if (is_empty ? req->after < out_response->last_position
	             : db_rows_i64(rows, 0, OUTBOX_ROW_POSITION) != req->after + 1)
		return out_of_range("these events are no longer kept");
	if (!is_empty)
		fill(app, &call->arena, rows, out_response);
	return STATUS_OK;
}
