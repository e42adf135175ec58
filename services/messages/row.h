/*
 * messages/row.h - a row of messages, by numbers; messages/show.h makes of it what people see.
 */
#ifndef SERVICES_MESSAGES_ROW_H
#define SERVICES_MESSAGES_ROW_H

#include "base/arena.h"
#include "canaduck/messages/v1/messages.schema.h"
#include "db/query.h"

/* Columns of messages.messages, for a subselect; MESSAGES_ROW_COLUMNS are made of them. */
#define MESSAGES_ROW_RAW                                                                           \
	"id, version, account_id, channel_id, conversation_id, to_account_id, text, reply_to,"     \
	" pinned, reaction_count, created_time, edited_time"

/* In the order that messages_row_read() wants; further columns follow them. */
/* Broken by hand: the formatter splits literals between macros letter by letter. */
/* clang-format off */
#define MESSAGES_ROW_COLUMNS                                                                       \
	"id, version, account_id, coalesce(channel_id, 0), coalesce(conversation_id, 0),"          \
	" coalesce(to_account_id, 0), text, coalesce(reply_to, 0), pinned, reaction_count, "       \
	DB_US("created_time") ", coalesce(" DB_US("edited_time") ", 0)"
/* clang-format on */

struct messages_row {
	int64_t id, version, account_id;
	int64_t channel_id;                     /* 0: it is to a person */
	int64_t conversation_id, to_account_id; /* 0: it is in a channel */
	char   *text;
	int64_t reply_to; /* 0: none */
	bool    pinned;
	int64_t reaction_count;
	int64_t created_us, edited_us; /* edited_us 0: never */
};

/* Reads a row whose first column is the one given; text lives as long as the rows. */
void messages_row_read(const struct db_rows *rows, size_t row, unsigned first_column,
                       struct messages_row *out_row);

/* All rows that came, from their first column on; in the arena. */
struct messages_row *messages_row_read_all(const struct db_rows *rows, struct arena *a,
                                           size_t *out_count);

/* What services get to see of it. */
messages_message_state *messages_row_state(const struct messages_row *row, struct arena *a);

#endif
