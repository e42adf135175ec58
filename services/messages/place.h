/*
 * messages/place.h - where messages are, a channel or a conversation of two people, and what the
 * caller may do there.
 *
 * Channels is asked each time: what it acknowledged holds for the next message. What the caller may
 * not see is not there.
 */
#ifndef SERVICES_MESSAGES_PLACE_H
#define SERVICES_MESSAGES_PLACE_H

#include "rpc/call.h"
#include "services/messages/messages.h"
#include "services/messages/row.h"

struct messages_place {
	int64_t     channel_id;      /* 0: a conversation */
	int64_t     conversation_id; /* 0: a channel */
	char       *channel;         /* its name; NULL: a conversation */
	bool        is_public;       /* anybody may read there */
	bool        can_write;
	bool        can_moderate; /* delete, pin, see what others wrote earlier */
	bool        is_banned;
	const char *reason; /* why not to write */
};

/*
 * A channel by its name; it is revealed that the call is faulty otherwise (rpc_call_reveal()) when
 * the caller may see the channel. NOT_FOUND.
 */
must_check status messages_place_find(struct messages *app, struct rpc_call *call,
                                      const char *channel, struct messages_place *out_place);

/* Where a message is. NOT_FOUND, in the words for a message that is not there. */
must_check status messages_place_of(struct messages *app, struct rpc_call *call,
                                    const struct messages_row *row,
                                    struct messages_place     *out_place);

/* A message by its number, and where it is; revealed in the same way. NOT_FOUND. */
must_check status messages_place_find_message(struct messages *app, struct rpc_call *call,
                                              int64_t id, struct messages_row *out_row,
                                              struct messages_place *out_place);

/*
 * Those of many channels, by ascending number, in which the caller may read; in the same order.
 */
must_check status messages_place_readable(struct messages *app, struct rpc_call *call,
                                          const int64_t *channel_ids, size_t n,
                                          struct messages_place **out_places, size_t *out_count);

/*
 * Names the channels of messages, whoever may see them: for our own services, who know to whom they
 * show them. By ascending number; of those that are deleted there is none.
 */
must_check status messages_place_name(struct messages *app, struct rpc_call *call,
                                      const struct messages_row *rows, size_t n,
                                      struct messages_place **out_places, size_t *out_count);

/* The place of a channel's number among these; NULL when it is not there. */
const struct messages_place *messages_place_in(const struct messages_place *places, size_t n,
                                               int64_t channel_id);

/* The refusal for a message that is not there. */
status messages_place_no_message(void);

#endif
