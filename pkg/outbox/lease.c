#include "outbox/lease.h"

#include "base/clock.h"
#include "db/db.h"
#include "outbox/outbox.h"
#include "outbox/row.h"

#include <stdlib.h>

enum { RENEWALS = 3 /* in the time of a lease */ };

void outbox_lease_init(struct outbox_lease *l, struct db *db, const struct outbox *o, uint32_t ms)
{
	*l = (struct outbox_lease){.db = db, .outbox = o, .ms = ms};
	/* Never 0, which is nobody's. */
	l->owner = ((int64_t)arc4random() << 20 | (arc4random() & 0xfffff)) + 1;
}

/* By this process's clock, from before the database's began to count. */
static int64_t next_renewal(const struct outbox_lease *l)
{
	return clock_after_ms(l->ms / RENEWALS);
}

status outbox_lease_take(struct outbox_lease *l, struct arena *a)
{
	const int64_t   renew_ns = next_renewal(l);
	struct db_rows *rows;

	TRY(db_write(l->db, a, l->outbox->queries->take, DB_ARGS(DB_I64(l->owner), DB_I64(l->ms)),
	             &rows));
	l->is_held = db_rows_count(rows) > 0;
	if (!l->is_held)
		return STATUS_OK;
	l->epoch = db_rows_i64(rows, 0, 0);
	l->next_position = db_rows_i64(rows, 0, 1);
	l->renew_ns = renew_ns;
	return STATUS_OK;
}

status outbox_lease_look(struct outbox_lease *l, struct arena *a, bool *out_is_free,
                         bool *out_is_waiting)
{
	struct db_rows *rows;
	bool            is_mine, is_over;

	TRY(db_read(l->db, a, l->outbox->queries->look, DB_ARGS(DB_I64(l->owner)), &rows));
	if (db_rows_count(rows) != 1)
		return status_error(CODE_INTERNAL, "the stream's row is missing");
	is_mine = db_rows_bool(rows, 0, 2);
	is_over = db_rows_bool(rows, 0, 3);
	if (!is_mine || db_rows_i64(rows, 0, 0) != l->epoch ||
	    db_rows_i64(rows, 0, 1) != l->next_position)
		l->is_held = false;
	*out_is_free = is_mine || is_over;
	*out_is_waiting = db_rows_bool(rows, 0, 4);
	return STATUS_OK;
}

status outbox_lease_place(struct outbox_lease *l, struct arena *a, size_t max_rows,
                          size_t max_bytes, struct db_rows **out_rows, size_t *out_n)
{
	const int64_t   renew_ns = next_renewal(l);
	struct db_rows *rows;

	TRY(db_write(l->db, a, l->outbox->queries->place,
	             DB_ARGS(DB_I64(l->owner), DB_I64(l->epoch), DB_I64(l->next_position),
	                     DB_I64((int64_t)max_rows), DB_I64((int64_t)max_bytes), DB_I64(l->ms)),
	             &rows));
	*out_rows = rows;
	*out_n = 0;
	l->is_held = db_rows_count(rows) > 0;
	if (!l->is_held)
		return STATUS_OK;
	l->renew_ns = renew_ns;
	l->next_position = db_rows_i64(rows, 0, OUTBOX_ROW_NEXT_POSITION);
	if (!db_rows_is_null(rows, 0, OUTBOX_ROW_POSITION))
		*out_n = db_rows_count(rows);
	return STATUS_OK;
}

status outbox_lease_give_back(struct outbox_lease *l, struct arena *a)
{
	l->is_held = false;
	return db_write(l->db, a, l->outbox->queries->give_back, DB_ARGS(DB_I64(l->owner)), NULL);
}
