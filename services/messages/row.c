#include "services/messages/row.h"

#include "pb/timestamp.h"

enum {
	ID,
	VERSION,
	ACCOUNT_ID,
	CHANNEL_ID,
	CONVERSATION_ID,
	TO_ACCOUNT_ID,
	TEXT,
	REPLY_TO,
	PINNED,
	REACTION_COUNT,
	CREATED,
	EDITED,
};

void messages_row_read(const struct db_rows *rows, size_t row, unsigned first_column,
                       struct messages_row *out_row)
{
	*out_row = (struct messages_row){
	        .id = db_rows_i64(rows, row, first_column + ID),
	        .version = db_rows_i64(rows, row, first_column + VERSION),
	        .account_id = db_rows_i64(rows, row, first_column + ACCOUNT_ID),
	        .channel_id = db_rows_i64(rows, row, first_column + CHANNEL_ID),
	        .conversation_id = db_rows_i64(rows, row, first_column + CONVERSATION_ID),
	        .to_account_id = db_rows_i64(rows, row, first_column + TO_ACCOUNT_ID),
	        .text = db_rows_cstr(rows, row, first_column + TEXT),
	        .reply_to = db_rows_i64(rows, row, first_column + REPLY_TO),
	        .pinned = db_rows_bool(rows, row, first_column + PINNED),
	        .reaction_count = db_rows_i64(rows, row, first_column + REACTION_COUNT),
	        .created_us = db_rows_us(rows, row, first_column + CREATED),
	        .edited_us = db_rows_us(rows, row, first_column + EDITED),
	};
}

struct messages_row *messages_row_read_all(const struct db_rows *rows, struct arena *a,
                                           size_t *out_count)
{
	size_t               n = db_rows_count(rows);
	struct messages_row *all = arena_alloc(a, (n + 1) * sizeof *all);

	for (size_t i = 0; i < n; i++)
		messages_row_read(rows, i, 0, &all[i]);
	*out_count = n;
	return all;
}

messages_message_state *messages_row_state(const struct messages_row *row, struct arena *a)
{
	messages_message_state *state = arena_alloc(a, sizeof *state);

	messages_message_state_init(state);
	state->message_id = row->id;
	state->version = row->version;
	state->account_id = row->account_id;
	state->channel_id = row->channel_id;
	state->conversation_id = row->conversation_id;
	state->to_account_id = row->to_account_id;
	state->text = row->text;
	state->created_time = pb_timestamp_from_us(a, row->created_us);
	if (row->edited_us)
		state->edited_time = pb_timestamp_from_us(a, row->edited_us);
	state->reply_to = row->reply_to;
	state->pinned = row->pinned;
	state->reaction_count = (int32_t)row->reaction_count;
	return state;
}
