/*
 * edge/chat_commands.h - what clients of the chat ask for: each type of frame becomes a call.
 *
 * Threads:  one loop's; in a fiber.
 */
#ifndef EDGE_CHAT_COMMANDS_H
#define EDGE_CHAT_COMMANDS_H

#include <stdbool.h>

#include "base/str.h"

struct edge_chat_socket;

/* Does what the message says, in the name of the client, and tells it what came of that. */
void edge_chat_commands_handle(struct edge_chat_socket *s, str message, bool is_text);

#endif
