/*
 * messages/show.h - messages as people see them: with names, and who reacted how.
 */
#ifndef SERVICES_MESSAGES_SHOW_H
#define SERVICES_MESSAGES_SHOW_H

#include "services/messages/place.h"

/*
 * Makes messages of rows, in their order. places, by ascending number, has the channels that they
 * are in.
 */
must_check status messages_show(struct messages *app, struct rpc_call *call,
                                const struct messages_row *rows, size_t n,
                                const struct messages_place *places, size_t n_places,
                                messages_list_messages_response *out_response);

/* One of them. */
must_check status messages_show_one(struct messages *app, struct rpc_call *call,
                                    const struct messages_row   *row,
                                    const struct messages_place *place,
                                    messages_message            *out_message);

#endif
