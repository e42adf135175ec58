/*
 * channels/channel.h - a channel with all that belongs to it, as one account sees it.
 */
#ifndef SERVICES_CHANNELS_CHANNEL_H
#define SERVICES_CHANNELS_CHANNEL_H

#include "canaduck/channels/v1/channels.schema.h"
#include "db/query.h"
#include "rpc/call.h"
#include "services/people/people.h"

/* The viewer's account; 0 for an anonymous caller. */
int64_t channels_channel_viewer(const struct rpc_call *call);

/* A name as it is stored: without its leading #, in lower case. */
str channels_channel_fold(const char *name, struct arena *a);

/* Broken by hand: the formatter splits literals between macros letter by letter. */
/* clang-format off */
#define CHANNELS_CHANNEL_NAMES(table, condition)                                                   \
	"ARRAY(SELECT " PEOPLE_SHOWN " FROM channels." table " AS x"                               \
	" JOIN channels.people AS p USING (account_id)"                                            \
	" WHERE x.channel_id = c.id" condition " ORDER BY 1)"

/* Columns of channels.channels AS c, in the order that channels_channel_read() wants; $viewer. */
#define CHANNELS_CHANNEL_COLUMNS(viewer)                                                           \
	"c.name, c.topic, c.modes, " DB_US("c.created_time") ","                                   \
	" (SELECT " PEOPLE_SHOWN " FROM channels.members AS x"                                     \
	"    JOIN channels.people AS p USING (account_id)"                                         \
	"   WHERE x.channel_id = c.id AND x.role = 'owner'),"                                      \
	" " CHANNELS_CHANNEL_NAMES("members", " AND x.role = 'moderator'") ","                     \
	" " CHANNELS_CHANNEL_NAMES("members", " AND x.has_voice") ","                              \
	" " CHANNELS_CHANNEL_NAMES("invitations", "") ","                                          \
	" " CHANNELS_CHANNEL_NAMES("bans", "") ","                                                 \
	" c.members_count,"                                                                        \
	" (SELECT role FROM channels.members AS x"                                                 \
	"   WHERE x.channel_id = c.id AND x.account_id = " viewer "),"                             \
	" EXISTS (SELECT FROM channels.invitations AS x"                                           \
	"          WHERE x.channel_id = c.id AND x.account_id = " viewer ")"
/* clang-format on */

/*
 * Asks for a channel by its folded name ($1) as an account ($2) sees it: for db_read() or
 * db_tx_query(). channels_channel_read() takes the row.
 */
extern const struct db_query *const channels_channel_select;

/*
 * Fills the message from a row of CHANNELS_CHANNEL_COLUMNS. NOT_FOUND when there is no such row, or
 * the caller may not see the channel.
 */
must_check status channels_channel_read(struct rpc_call *call, const struct db_rows *rows,
                                        size_t row, channels_channel *out_channel);

/* The one refusal for what is not there and what may not be seen. */
must_check status channels_channel_not_found(void);

#endif
