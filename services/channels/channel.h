/*
 * channels/channel.h - a channel with all that belongs to it, as one account sees it.
 */
#ifndef SERVICES_CHANNELS_CHANNEL_H
#define SERVICES_CHANNELS_CHANNEL_H

#include "canaduck/channels/v1/channels.schema.h"
#include "db/query.h"
#include "rpc/call.h"

/* The viewer's account; 0 for an anonymous caller. */
int64_t channels_channel_viewer(const struct rpc_call *call);

/* A name as it is stored: without its leading #, in lower case. */
str channels_channel_fold(const char *name, struct arena *a);

/*
 * Asks for a channel by its folded name ($1) as an account ($2) sees it: for db_read() or
 * db_tx_query(). channels_channel_read() takes the row.
 */
extern const struct db_query *const channels_channel_select;

/*
 * Fills the message from the rows of channels_channel_select. NOT_FOUND when there is no row, or
 * none that the caller may see.
 */
must_check status channels_channel_read(struct rpc_call *call, const struct db_rows *rows,
                                        channels_channel *out_channel);

/* The one refusal for what is not there and what may not be seen. */
status channels_channel_not_found(void);

#endif
