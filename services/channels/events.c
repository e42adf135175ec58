#include "outbox/outbox.h"
#include "services/channels/channels.h"

/* The types of what this service tells stand here. */
OUTBOX_DEFINE(channels_outbox, "channels");
