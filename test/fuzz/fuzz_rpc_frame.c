/*
 * A message as a peer may send it between processes. What is accepted has frames that lie within
 * it, end to end, and is written again as it was, but for what a later release may have put in.
 */
#include "test/fuzz/fuzz.h"

#include "base/buf.h"
#include "rpc/frame.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const str               body = {(const char *)data, size};
	struct rpc_message_head head;
	struct buf              again;
	str                     frames, envelope;
	uint64_t                id;

	if (rpc_message_read(body, &head, &frames).code != CODE_OK)
		return 0;
	buf_init(&again, size);
	rpc_message_put_head(&again, head);
	while (rpc_frame_next(&frames, &id, &envelope)) {
		fuzz_require(id != 0);
		rpc_frame_put(&again, id, envelope);
	}
	fuzz_require(again.len == size);
	again.ptr[2] = body.ptr[2];
	again.ptr[3] = body.ptr[3];
	fuzz_require(memcmp(again.ptr, data, size) == 0);
	buf_fini(&again);
	return 0;
}
