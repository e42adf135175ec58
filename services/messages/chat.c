#include "services/messages/chat.h"

#include "db/db.h"
#include "pb/timestamp.h"
#include "services/messages/show.h"

/* messages, their conversations, whom they are to: the first reading that went as far as each. */
DB_QUERY(
        select_reads,
        "SELECT coalesce((SELECT " DB_US(
                "read_time") "         FROM messages.reads"
                             "                  WHERE conversation_id = m.conversation_id AND account_id = m.to_id"
                             "                    AND last_message_id >= m.id ORDER BY last_message_id LIMIT 1), 0)"
                             "  FROM unnest($1::int8[], $2::int8[], $3::int8[]) WITH ORDINALITY"
                             "    AS m (id, conversation_id, to_id, position) ORDER BY position");

static status load_reads(struct messages *app, struct arena *a, const struct messages_row *rows,
                         size_t n, struct db_rows **out_reads)
{
	int64_t *ids = arena_alloc(a, (3 * n + 1) * sizeof *ids);
	int64_t *conversations = ids + n, *readers = conversations + n;

	for (size_t i = 0; i < n; i++) {
		ids[i] = rows[i].id;
		conversations[i] = rows[i].conversation_id;
		readers[i] = rows[i].to_account_id;
	}
	return db_read(app->db, a, &select_reads,
	               DB_ARGS(DB_I64S(ids, n), DB_I64S(conversations, n), DB_I64S(readers, n)),
	               out_reads);
}

static void fill_reactions(struct arena *a, const messages_message *from,
                           messages_conversation_message *m)
{
	m->n_reactions = from->n_reactions;
	m->reactions = arena_alloc(a, (from->n_reactions + 1) * sizeof(*m->reactions));
	for (size_t i = 0; i < from->n_reactions; i++) {
		m->reactions[i] = arena_alloc(a, sizeof **m->reactions);
		messages_conversation_message_reactions_entry_init(m->reactions[i]);
		m->reactions[i]->key = from->reactions[i]->key;
		m->reactions[i]->value = from->reactions[i]->value;
	}
}

void messages_chat_show_new(struct arena *a, const struct messages_row *row,
                            messages_conversation_message *out_message)
{
	out_message->id = row->id;
	out_message->conv_id = row->conversation_id;
	out_message->sender_id = row->account_id;
	out_message->msg = row->text;
	out_message->time = pb_timestamp_from_us(a, row->created_us);
}

status messages_chat_show(struct messages *app, struct rpc_call *call,
                          const struct messages_row *rows, size_t n,
                          messages_conversation_message ***out_messages)
{
	struct arena                   *a = &call->arena;
	messages_conversation_message **all = arena_alloc(a, (n + 1) * sizeof(*all));
	messages_list_messages_response shown;
	struct db_rows                 *reads;

	messages_list_messages_response_init(&shown);
	TRY(messages_show(app, call, rows, n, NULL, 0, &shown));
	TRY(load_reads(app, a, rows, n, &reads));
	for (size_t i = 0; i < n; i++) {
		const int64_t read_us = db_rows_us(reads, i, 0);

		all[i] = arena_alloc(a, sizeof **all);
		messages_conversation_message_init(all[i]);
		messages_chat_show_new(a, &rows[i], all[i]);
		if (read_us)
			all[i]->read_at = pb_timestamp_from_us(a, read_us);
		fill_reactions(a, shown.messages[i], all[i]);
	}
	*out_messages = all;
	return STATUS_OK;
}
