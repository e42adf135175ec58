/*
 * channels/access.h - what other services are told of where an account stands in a channel.
 */
#ifndef SERVICES_CHANNELS_ACCESS_H
#define SERVICES_CHANNELS_ACCESS_H

#include "canaduck/channels/v1/channels.schema.h"
#include "services/channels/standing.h"

/* Fills the answer. False: the account may not see the channel. */
bool channels_access_fill(const struct channels_standing *s, struct arena *a,
                          channels_check_access_response *out_access);

#endif
