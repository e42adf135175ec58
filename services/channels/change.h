/*
 * channels/change.h - changes of a channel's topic and modes.
 */
#ifndef SERVICES_CHANNELS_CHANGE_H
#define SERVICES_CHANNELS_CHANGE_H

#include "services/channels/action.h"

/* What is NULL stays as it is. */
struct channels_change {
	const char *topic;
	const char *mode;        /* "+r" */
	bool        needs_topic; /* it may be empty, but not be left out */
};

/*
 * Changes the channel and fills the message. INVALID_ARGUMENT for what is no mode; rights as in
 * SetTopic and SetMode. A change of nothing takes the right to change all but privacy.
 */
must_check status channels_change_run(struct channels *app, struct rpc_call *call, const char *name,
                                      const struct channels_change *change,
                                      channels_channel             *out_channel);

#endif
