/*
 * messages/message.h - rows of messages as the messages that show them, and the channel they are
 * in.
 */
#ifndef SERVICES_MESSAGES_MESSAGE_H
#define SERVICES_MESSAGES_MESSAGE_H

#include "canaduck/channels/v1/channels.rpc.h"
#include "canaduck/messages/v1/messages.schema.h"
#include "db/query.h"
#include "rpc/call.h"

struct messages;

/* Columns of messages.messages, in the order that messages_message_read() wants. */
#define MESSAGES_MESSAGE_COLUMNS                                                                   \
	"id, account_id, text, reply_to, pinned, " DB_US("created_time") ", " DB_US("edited_time")

/* Fills a message from a row. Its author's name is given: names are looked up for many at once. */
void messages_message_read(const struct db_rows *rows, size_t row, char *from, char *channel,
                           struct arena *a, messages_message *out_message);

/* Names of the authors of all rows, in their order, in the call's arena. */
must_check status messages_message_authors(struct messages *app, struct rpc_call *call,
                                           const struct db_rows *rows, char ***out_names);

/*
 * Asks channels what the caller may do in a channel, by name or, where that is NULL, by number.
 * NOT_FOUND for what it may not see.
 */
must_check status messages_message_access(struct messages *app, struct rpc_call *call,
                                          const char *channel, int64_t channel_id,
                                          channels_check_access_response **out_access);

#endif
