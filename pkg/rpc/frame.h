/*
 * rpc/frame.h - the bytes of one message between two processes: many frames in one.
 *
 *   message  u8 version, which is 1; u8 flags; u16 0; u32 reply messages acknowledged; frames
 *   frame    u32 length of the envelope; u64 call id, which is not 0; the envelope
 *
 * All numbers are big-endian. The envelope is a canaduck.rpc.v1.Request on the way to a server and
 * a Reply on the way back, where it carries the call id of its request. Frames come in any order; a
 * message may have none. A request frame without an envelope says that its caller gave the call up.
 * The acknowledgement counts, modulo 2^32, the reply messages which the
 * client got on this connection; servers send 0.
 *
 * Flags and the u16 that a reader does not know are ignored, so that releases may mix.
 */
#ifndef RPC_FRAME_H
#define RPC_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

enum {
	RPC_MESSAGE_VERSION = 1,
	RPC_MESSAGE_HEAD_BYTES = 8,
	RPC_FRAME_HEAD_BYTES = 12,
	RPC_MESSAGE_MAX_FRAMES = 4096
};

/*
 * DRAINING, from a server: it drains, replies still come, new requests are refused. PING, from a
 * client: a message is wanted, with no frames if there is none to send.
 */
enum { RPC_MESSAGE_DRAINING = 1, RPC_MESSAGE_PING = 2 };

struct rpc_message_head {
	uint8_t  flags;
	uint32_t acked;
};

/* Appends. */
void rpc_message_put_head(struct buf *b, struct rpc_message_head head);
void rpc_frame_put(struct buf *b, uint64_t id, str envelope);

/*
 * Checks a whole message as a peer may send it, down to its last frame. INVALID_ARGUMENT for other
 * versions and anything malformed. out_frames is borrowed from body.
 */
must_check status rpc_message_read(str body, struct rpc_message_head *out_head, str *out_frames);

/* Takes the first of the frames, which were checked, off their front; false when none is left. */
bool rpc_frame_next(str *frames, uint64_t *out_id, str *out_envelope);

#endif
