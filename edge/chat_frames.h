/*
 * edge/chat_frames.h - what the chat tells its clients, as frames (canaduck/chat/v1/frames.proto).
 *
 * Threads:  one loop's.
 * Memory:   the count of a frame that is made is the caller's.
 */
#ifndef EDGE_CHAT_FRAMES_H
#define EDGE_CHAT_FRAMES_H

#include "canaduck/messages/v1/events.schema.h"
#include "edge/ws_frame.h"
#include "rpc/call.h"

struct edge_chat_socket;

struct edge_ws_frame *edge_chat_frames_connected(int64_t account_id);

/* time may be NULL. */
struct edge_ws_frame *edge_chat_frames_message(int64_t conversation_id, int64_t message_id,
                                               int64_t account_id, const char *text,
                                               pb_timestamp *time);

struct edge_ws_frame *edge_chat_frames_typing(const messages_typing_signalled *signal);
struct edge_ws_frame *edge_chat_frames_presence(const messages_presence_signalled *signal);
struct edge_ws_frame *edge_chat_frames_read(const messages_conversation_read *fact);
struct edge_ws_frame *edge_chat_frames_reaction(const messages_reaction_changed *fact);

/* ---- to one client, about what it sent ---- */

/* What came of the frame with this client_id; message_id 0 and count NULL: not said. */
void edge_chat_frames_send_ack(struct edge_chat_socket *s, const char *client_id,
                               int64_t message_id, const int64_t *count);

/* Nothing did, for this reason; client_id NULL: it had none. */
void edge_chat_frames_send_error(struct edge_chat_socket *s, const char *client_id,
                                 int64_t conversation_id, status st, const struct rpc_call *call);

#endif
