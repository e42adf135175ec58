#include "services/messages/messages.h"
#include "test/integration/services/plans.h"
#include "test/support/test.h"

static struct sql sql;

/* Enough that whoever reads all of it does so by mistake. */
static const char *const rows[] = {
        "INSERT INTO messages.conversations (low_account_id, high_account_id)"
        " SELECT i, i + k FROM generate_series(1, 200) AS i, generate_series(1, 5) AS k;",
        "INSERT INTO messages.messages (channel_id, account_id, text, reply_to, pinned)"
        " SELECT 1 + i % 40, 1 + i % 200,"
        "        'word' || i % 997 || ' other' || i % 89 || ' common',"
        "        CASE WHEN i % 3 = 0 THEN 1 + i / 20 END, i % 50 = 0"
        "   FROM generate_series(1, 8000) AS i;",
        "INSERT INTO messages.messages (conversation_id, account_id, to_account_id, text)"
        " SELECT c.id, c.low_account_id, c.high_account_id, 'word' || i % 997 || ' private'"
        "   FROM generate_series(1, 4000) AS i JOIN messages.conversations AS c"
        "     ON c.id = 1 + i % 1000;",
        "INSERT INTO messages.reads (conversation_id, account_id, last_message_id)"
        " SELECT conversation_id, to_account_id, id FROM messages.messages"
        "  WHERE conversation_id IS NOT NULL;",
        "INSERT INTO messages.mailboxes (account_id) SELECT generate_series(1, 2000);",
        "INSERT INTO messages.reactions (message_id, emoji, account_id)"
        " SELECT i, 'e' || k, k FROM generate_series(1, 2000) AS i, generate_series(1, 3) AS k;",
        "INSERT INTO messages.edits (message_id, version, text, written_time)"
        " SELECT i, k, 'x', now() FROM generate_series(1, 2000) AS i, generate_series(1, 3) AS k;",
        "INSERT INTO messages.channels (id) SELECT generate_series(1, 1000);",
        "INSERT INTO messages.throttles (account_id, times, is_taken, expire_time)"
        " SELECT i, '{}', true, now() + interval '1 hour' FROM generate_series(1, 2000) AS i;",
        "INSERT INTO messages.people (account_id, pseudo, deleted, version)"
        " SELECT i, 'p' || i, false, 1 FROM generate_series(1, 2000) AS i;",
        "VACUUM ANALYZE messages.messages, messages.conversations, messages.reactions, messages.edits,"
        " messages.channels, messages.throttles, messages.people, messages.reads,"
        " messages.mailboxes;",
};

static int fill(void **state __attribute__((unused)))
{
	plans_open(&sql, &messages_runtime);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		sql_run(&sql, rows[i]);
	return 0;
}

static int end(void **state __attribute__((unused)))
{
	sql_close(&sql);
	return 0;
}

static const struct plans_statement hot[] = {
        {"messages/list_messages.c", "select_newest", "7, 9000000, 0, 50, 0"},
        {"messages/list_messages.c", "select_next", "7, 9000000, 100, 50, 10"},
        {"messages/list_pinned.c", "select_newest", "10, 9000000, 0, 50, 0"},
        {"messages/list_pinned.c", "select_next", "10, 9000000, 0, 50, 0"},
        {"messages/list_thread.c", "select_one", "20"},
        {"messages/list_thread.c", "select_next", "20, 9000000, 0, 50, 0"},
        {"messages/list_thread.c", "select_before", "20, 9000000, 0, 50, 0"},
        {"messages/list_private_messages.c", "select_newest", "5, 9000000, 0, 50, 0"},
        {"messages/list_private_messages.c", "select_next", "5, 9000000, 0, 50, 0"},
        {"messages/search_messages.c", "select_channels", "'word5 other5', '''#''', 20000"},
        {"messages/search_messages.c", "select_found",
         "'word5 other5', '''#'' & ''@0''', 20000, '{1,2,3,4,5,6,7,8}', 3, 0"},
        {"messages/place.c", "select_message", "20"},
        {"messages/show.c", "select_reactions", "'{1,2,3,4,5}'"},
        {"messages/get_history.c", "select_edits", "20, 50, 0"},
        {"messages/conversation.c", "select_by_pair", "5, 6"},
        {"messages/conversation.c", "select_pair", "5"},
        {"messages/delivery.c", "insert_message", "5, 1, 'x', 20, 2"},
        {"messages/conversation_row.c", "select_one", "1, 5"},
        {"messages/list_conversations.c", "select_conversations", "7, 9223372036854775807, 50, 0"},
        {"messages/list_conversations.c", "select_conversations", "7, 31, 50, 10"},
        {"messages/list_conversation_messages.c", "select_newest", "5, 9000000, 0, 1000, 0"},
        {"messages/list_conversation_messages.c", "select_next", "5, 9000000, 0, 50, 0"},
        {"messages/unread.c", "lock_conversation", "5"},
        {"messages/unread.c", "mark_read", "5, 2, 20, true"},
        {"messages/unread.c", "forget_message", "5, 20, 2"},
        {"messages/chat.c", "select_reads", "'{20,21}', '{5,6}', '{2,2}'"},
        {"messages/list_missed_messages.c", "select_missed", "7, 9000, 100"},
        {"messages/signal_presence.c", "select_people", "7, 1000"},
        {"messages/get_messages.c", "select_messages", "'{1,2,3,4,5}'"},
        {"messages/change.c", "lock_message", "20"},
        {"messages/reaction.c", "select_standing", "20, 'e1', 1"},
        {"messages/reaction.c", "update_count", "20, 1"},
        {"messages/reaction.c", "delete_reaction", "20, 'e1', 1"},
        {"messages/edit_message.c", "update_text", "20, 'x'"},
        {"messages/delete_message.c", "delete_message", "20"},
        {"messages/clearing.c", "delete_some", "7, 10"},
        {"messages/send_message.c", "insert_in_channel", "7, 1, 'x', 20"},
};

TEST(no_hot_statement_reads_a_whole_table)
{
	for (size_t i = 0; i < sizeof hot / sizeof *hot; i++)
		plans_look(&sql, &hot[i]);
}

TEST(who_writes_to_a_person_does_not_look_at_all_others_who_do)
{
	plans_bound(&sql, &(struct plans_statement){"messages/throttle.c", "prune", NULL}, 16);
}

TEST_MAIN(fill, end)
