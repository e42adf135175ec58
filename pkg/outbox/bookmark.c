#include "outbox/bookmark.h"

#include "db/db.h"
#include "outbox/outbox.h"

status outbox_bookmark_load(struct db *db, struct arena *a, const struct outbox_bookmarks *b,
                            const char *stream, struct events_position *out_position)
{
	struct db_rows *rows;

	TRY(db_read(db, a, b->load, DB_ARGS(DB_CSTR(stream)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "the stream was never followed");
	*out_position = (struct events_position){db_rows_i64(rows, 0, 0), db_rows_i64(rows, 0, 1)};
	return STATUS_OK;
}

status outbox_bookmark_begin(struct db_tx *tx, const struct outbox_bookmarks *b, const char *stream,
                             struct events_position from)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, b->begin,
	                DB_ARGS(DB_CSTR(stream), DB_I64(from.epoch), DB_I64(from.position)),
	                &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_ABORTED, "another one follows the stream already");
	return STATUS_OK;
}

status outbox_bookmark_move(struct db_tx *tx, const struct outbox_bookmarks *b, const char *stream,
                            struct events_position from, struct events_position to)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, b->move,
	                DB_ARGS(DB_CSTR(stream), DB_I64(from.epoch), DB_I64(from.position),
	                        DB_I64(to.epoch), DB_I64(to.position)),
	                &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_ABORTED, "another one has applied these events");
	return STATUS_OK;
}

status outbox_bookmark_put(struct db_tx *tx, const struct outbox_bookmarks *b, const char *stream,
                           struct events_position to)
{
	return db_tx_query(tx, b->put,
	                   DB_ARGS(DB_CSTR(stream), DB_I64(to.epoch), DB_I64(to.position)), NULL);
}

status outbox_position(struct db *db, struct arena *a, const struct outbox *o,
                       struct events_position *out_position)
{
	struct db_rows *rows;

	TRY(db_read(db, a, o->queries->look, DB_ARGS(DB_I64(0)), &rows));
	if (db_rows_count(rows) != 1)
		return status_error(CODE_INTERNAL, "the stream's row is missing");
	*out_position =
	        (struct events_position){db_rows_i64(rows, 0, 0), db_rows_i64(rows, 0, 1) - 1};
	return STATUS_OK;
}
