/*
 * messages/pin.h - pins a message, or takes the pin off.
 */
#ifndef SERVICES_MESSAGES_PIN_H
#define SERVICES_MESSAGES_PIN_H

#include "services/messages/place.h"

/* The answer is the message after it, also when nothing changed. */
must_check status messages_pin_set(struct messages *app, struct rpc_call *call, int64_t message_id,
                                   bool is_pinned, messages_message *out_message);

#endif
