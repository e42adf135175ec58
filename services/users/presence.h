/*
 * users/presence.h - who is there: the rule, in SQL, on a row of users.accounts.
 *
 * A person is connected who was heard of within 5 minutes and does not say to be offline. Heard of
 * means a request, or a live socket: the edge tells of both by RecordPresence.
 */
#ifndef SERVICES_USERS_PRESENCE_H
#define SERVICES_USERS_PRESENCE_H

#define USERS_PRESENCE_IS_CONNECTED                                                                \
	"status <> 'offline' AND last_seen_time > now() - interval '5 minutes'"

/* SET: the person does something now. */
#define USERS_PRESENCE_SEEN_NOW                                                                    \
	"last_seen_time = CASE WHEN status = 'offline' THEN last_seen_time"                        \
	"                      ELSE greatest(last_seen_time, now()) END"

#endif
