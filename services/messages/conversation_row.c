#include "services/messages/conversation_row.h"

#include "pb/timestamp.h"

enum { ID, LOW, HIGH, CREATED, UNREAD, LAST_TEXT, LAST };

DB_QUERY(select_one,
         "SELECT " MESSAGES_CONVERSATION_ROW_COLUMNS
         "  FROM messages.conversations AS c" MESSAGES_CONVERSATION_ROW_LAST " WHERE c.id = $2");

void messages_conversation_row_read(const struct db_rows *rows, size_t row,
                                    struct messages_conversation_row *out_row)
{
	*out_row = (struct messages_conversation_row){
	        .id = db_rows_i64(rows, row, ID),
	        .low_account_id = db_rows_i64(rows, row, LOW),
	        .high_account_id = db_rows_i64(rows, row, HIGH),
	        .created_us = db_rows_us(rows, row, CREATED),
	        .unread_count = db_rows_i64(rows, row, UNREAD),
	        .last_text = db_rows_is_null(rows, row, LAST_TEXT)
	                             ? NULL
	                             : db_rows_cstr(rows, row, LAST_TEXT),
	        .last_us = db_rows_us(rows, row, LAST),
	};
}

status messages_conversation_row_get(struct messages *app, struct rpc_call *call, int64_t id,
                                     struct messages_conversation_row *out_row)
{
	const int64_t                    me = call->who.account_id;
	struct messages_conversation_row row;
	struct db_rows                  *rows;

	TRY(db_read(app->db, &call->arena, &select_one, DB_ARGS(DB_I64(me), DB_I64(id)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no conversation of that number");
	messages_conversation_row_read(rows, 0, &row);
	if (me != row.low_account_id && me != row.high_account_id)
		return status_error(CODE_PERMISSION_DENIED, "the conversation is of two others");
	*out_row = row;
	return STATUS_OK;
}

int64_t messages_conversation_row_other(const struct messages_conversation_row *row,
                                        int64_t                                 account_id)
{
	return account_id == row->low_account_id ? row->high_account_id : row->low_account_id;
}

/* ---- what is shown ---- */

static void fill(const struct messages_conversation_row *row, struct arena *a,
                 messages_conversation *c)
{
	c->id = row->id;
	c->user1_id = row->low_account_id;
	c->user2_id = row->high_account_id;
	c->created_at = pb_timestamp_from_us(a, row->created_us);
	c->unread_count = row->unread_count;
	if (row->last_text == NULL)
		return;
	messages_conversation_set_last_message_content(c, row->last_text);
	c->last_message_at = pb_timestamp_from_us(a, row->last_us);
}

static messages_partner *partner_of(int64_t id, const struct people_person *person, char *picture,
                                    struct arena *a)
{
	messages_partner *p = arena_alloc(a, sizeof *p);

	messages_partner_init(p);
	p->id = id;
	p->pseudo = person->pseudo;
	if (picture)
		messages_partner_set_profile_picture(p, picture);
	return p;
}

static status show(struct messages *app, struct rpc_call *call,
                   const struct messages_conversation_row *rows, size_t n, bool with_data,
                   messages_conversation **all)
{
	struct arena         *a = &call->arena;
	int64_t              *others = arena_alloc(a, (n + 1) * sizeof *others);
	struct people_person *people = arena_alloc(a, (n + 1) * sizeof *people);
	char                **pictures = arena_alloc(a, (n + 1) * sizeof *pictures);

	for (size_t i = 0; i < n; i++)
		others[i] = messages_conversation_row_other(&rows[i], call->who.account_id);
	TRY(people_look(&app->people, call, others, n, people));
	TRY(people_pictures(&app->people, call, others, n, with_data, pictures));
	for (size_t i = 0; i < n; i++) {
		fill(&rows[i], a, all[i]);
		all[i]->other_user = partner_of(others[i], &people[i], pictures[i], a);
	}
	return STATUS_OK;
}

status messages_conversation_row_show(struct messages *app, struct rpc_call *call,
                                      const struct messages_conversation_row *rows, size_t n,
                                      messages_conversation **out_all)
{
	for (size_t i = 0; i < n; i++) {
		out_all[i] = arena_alloc(&call->arena, sizeof **out_all);
		messages_conversation_init(out_all[i]);
	}
	return show(app, call, rows, n, false, out_all);
}

status messages_conversation_row_show_one(struct messages *app, struct rpc_call *call,
                                          const struct messages_conversation_row *row,
                                          messages_conversation                  *out_conversation)
{
	return show(app, call, row, 1, true, &out_conversation);
}
