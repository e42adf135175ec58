/*
 * channels/access.h - what an account may do in a channel.
 */
#ifndef SERVICES_CHANNELS_ACCESS_H
#define SERVICES_CHANNELS_ACCESS_H

#include "base/arena.h"
#include "canaduck/channels/v1/channels.schema.h"
#include "db/query.h"

/* SQL: what channels_access_read() wants of channels that a condition on c picks, for account $1.
 */
#define CHANNELS_ACCESS_SELECT                                                                     \
	"SELECT c.id, c.name, c.modes, m.role, coalesce(m.has_voice, false),"                      \
	" EXISTS (SELECT FROM channels.invitations AS x"                                           \
	"          WHERE x.channel_id = c.id AND x.account_id = $1),"                              \
	" EXISTS (SELECT FROM channels.bans AS x"                                                  \
	"          WHERE x.channel_id = c.id AND x.account_id = $1)"                               \
	" FROM channels.channels AS c"                                                             \
	" LEFT JOIN channels.members AS m ON m.channel_id = c.id AND m.account_id = $1"            \
	" WHERE "

/* Fills the answer from a row. False: the account may not see the channel. */
bool channels_access_read(const struct db_rows *rows, size_t row, int64_t account_id,
                          struct arena *a, channels_check_access_response *out_access);

#endif
