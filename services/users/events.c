#include "outbox/outbox.h"
#include "services/users/users.h"

/* The types of what this service tells stand here. */
OUTBOX_DEFINE(users_outbox, "users");
