/*
 * channels/action.h - what somebody does to a channel: the checks, and the transaction around it.
 *
 * In this order: the channel is there for the caller (404, whatever else is wrong), the caller has
 * signed in and the fields are valid, whom it is about exists; then, while the channel's row is
 * locked, the action's own body judges rights and conflicts, and changes what it is about.
 */
#ifndef SERVICES_CHANNELS_ACTION_H
#define SERVICES_CHANNELS_ACTION_H

#include "canaduck/channels/v1/channels.schema.h"
#include "services/channels/standing.h"

struct channels;

struct channels_action {
	struct rpc_call *call;
	const char      *name;   /* of the channel, as the client wrote it */
	const char      *pseudo; /* whom it is about, as the client wrote it; NULL: nobody */
	const void      *req;    /* for check and body */
	/* It writes rows about the caller, or about whom it is about: they must not be gone. */
	bool holds_caller, holds_about;
	/* Rules of fields that options do not say: rpc_call_invalid(). NULL: none. */
	status (*check)(struct channels_action *a);
	/* May be run again (db_tx_run()). */
	status (*body)(struct db_tx *tx, struct channels_action *a);
	void *plan; /* from check to body */

	/* Found before body is run. */
	struct channels_standing caller, about;
};

/* Runs it; out_channel is the channel after it as the caller sees it, or NULL. */
must_check status channels_action_run(struct channels *app, struct channels_action *a,
                                      channels_channel *out_channel);

#endif
