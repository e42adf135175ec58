#include "base/arena.h"
#include "migrations/migrations.h"
#include "test/e2e/sql.h"
#include "test/support/pg.h"
#include "test/support/test.h"

#include <string.h>

/* What a database that was in use becomes with the migrations of later releases. */

static void migrate(const char *url, size_t n)
{
	struct db_schema schema = migrations_messages;
	struct arena     a;
	unsigned         applied;

	if (n > 0)
		schema.n_migrations = n;
	arena_init(&a, 1024 * 1024);
	assert_status(db_migrate(url, &schema, 30000, &a, &applied), CODE_OK);
	arena_fini(&a);
}

TEST(conversations_of_before_know_their_last_message_and_count_all_as_unread)
{
	static char url[PG_URL_BYTES];
	struct sql  sql;

	pg_shared_database(url);
	migrate(url, 3);
	sql_open(&sql, url);
	sql_run(&sql, "INSERT INTO messages.conversations (low_account_id, high_account_id)"
	              " VALUES (1, 2), (1, 3), (2, 3);"
	              "INSERT INTO messages.messages"
	              " (conversation_id, account_id, to_account_id, text) VALUES"
	              " (1, 1, 2, 'a'), (1, 2, 1, 'b'), (2, 3, 1, 'c'), (1, 1, 2, 'd');"
	              "INSERT INTO messages.messages (channel_id, account_id, text)"
	              " VALUES (1, 1, 'e');");
	migrate(url, 0);
	assert_string_equal(sql_run(&sql,
	                            "SELECT c.id, m.text, low_unread_count, high_unread_count"
	                            "  FROM messages.conversations AS c"
	                            "  LEFT JOIN messages.messages AS m ON m.id = last_message_id"
	                            " ORDER BY c.id;"),
	                    "1|d|1|2\n2|c|1|0\n3||0|0\n");
	sql_close(&sql);
}

TEST_MAIN(NULL, NULL)
