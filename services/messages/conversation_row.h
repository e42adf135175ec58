/*
 * messages/conversation_row.h - conversations as one of the two sees them.
 */
#ifndef SERVICES_MESSAGES_CONVERSATION_ROW_H
#define SERVICES_MESSAGES_CONVERSATION_ROW_H

#include "canaduck/messages/v1/messages.schema.h"
#include "db/db.h"
#include "rpc/call.h"
#include "services/messages/messages.h"

/*
 * SQL: the columns that messages_conversation_row_read() wants, of conversations c, in the eyes of
 * account $1, with their last messages m. Broken by hand: see messages/row.h.
 */
/* clang-format off */
#define MESSAGES_CONVERSATION_ROW_COLUMNS                                                          \
	"c.id, c.low_account_id, c.high_account_id, " DB_US("c.created_time") ","                  \
	" CASE WHEN c.low_account_id = $1 THEN c.low_unread_count ELSE c.high_unread_count END,"   \
	" m.text, coalesce(" DB_US("m.created_time") ", 0)"
/* clang-format on */

#define MESSAGES_CONVERSATION_ROW_LAST                                                             \
	" LEFT JOIN messages.messages AS m ON m.id = c.last_message_id"

/* By when conversations come: the latest first. */
#define MESSAGES_CONVERSATION_ROW_TIME "coalesce(last_message_time, created_time)"

struct messages_conversation_row {
	int64_t id, low_account_id, high_account_id;
	int64_t created_us;
	int64_t unread_count; /* of the account that looks */
	char   *last_text;    /* NULL: nothing was written */
	int64_t last_us;
};

/* Text lives as long as the rows. */
void messages_conversation_row_read(const struct db_rows *rows, size_t row,
                                    struct messages_conversation_row *out_row);

/*
 * One of the caller's, by its number. NOT_FOUND when there is none, PERMISSION_DENIED when it is of
 * two others.
 */
must_check status messages_conversation_row_get(struct messages *app, struct rpc_call *call,
                                                int64_t                           id,
                                                struct messages_conversation_row *out_row);

/* Whom the caller has it with. */
int64_t messages_conversation_row_other(const struct messages_conversation_row *row,
                                        int64_t                                 account_id);

/* Makes what the caller sees of them, in their order. */
must_check status messages_conversation_row_show(struct messages *app, struct rpc_call *call,
                                                 const struct messages_conversation_row *rows,
                                                 size_t n, messages_conversation **out_all);

/* The same of one, with a picture that is no link too. */
must_check status messages_conversation_row_show_one(struct messages *app, struct rpc_call *call,
                                                     const struct messages_conversation_row *row,
                                                     messages_conversation *out_conversation);

#endif
