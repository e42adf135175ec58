/*
 * messages/reaction.h - puts a person's reaction on a message, or takes it off.
 */
#ifndef SERVICES_MESSAGES_REACTION_H
#define SERVICES_MESSAGES_REACTION_H

#include "services/messages/place.h"

/* The answer is the message after it, also when nothing changed. */
must_check status messages_reaction_set(struct messages *app, struct rpc_call *call,
                                        int64_t message_id, char *emoji, bool is_added,
                                        messages_message *out_message);

#endif
