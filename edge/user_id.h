/*
 * edge/user_id.h - X-User-ID: clients of the chat may say who they are. Only the token says so;
 * what contradicts it is refused.
 */
#ifndef EDGE_USER_ID_H
#define EDGE_USER_ID_H

#include <stdbool.h>

#include "edge/exchange.h"

/*
 * For a route of the chat, once the caller is known and before the first suspension. False when
 * the header is no number (400), or another than the caller's (403): then that is answered.
 */
bool edge_user_id_is_fine(struct edge_exchange *ex);

#endif
