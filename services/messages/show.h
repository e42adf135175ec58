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

/* One that was just written: by whom, and to whom or NULL, was looked up before. */
void messages_show_new(struct rpc_call *call, const struct messages_row *row,
                       const struct messages_place *place, char *const names[static 2],
                       messages_message *out_message);

/*
 * One that was just changed. Nobody is invited to do it again: DEADLINE_EXCEEDED when it cannot be
 * shown.
 */
must_check status messages_show_changed(struct messages *app, struct rpc_call *call,
                                        const struct messages_row   *row,
                                        const struct messages_place *place,
                                        messages_message            *out_message);

#endif
