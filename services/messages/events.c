#include "outbox/outbox.h"
#include "services/messages/messages.h"

/* The types of what this service tells stand here. */
OUTBOX_DEFINE(messages_outbox, "messages");
