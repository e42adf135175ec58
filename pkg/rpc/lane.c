#include "rpc/lane.h"

#include <string.h>

enum { KEPT_BYTES = 256 * 1024 };

struct head {
	uint64_t id;
	uint64_t len;
};

void rpc_lane_init(struct rpc_lane *l, size_t max_bytes, uint32_t max_frames)
{
	*l = (struct rpc_lane){.max_frames = max_frames};
	buf_init(&l->bytes, max_bytes);
}

void rpc_lane_fini(struct rpc_lane *l)
{
	buf_fini(&l->bytes);
	l->count = 0;
}

bool rpc_lane_put(struct rpc_lane *l, uint64_t id, str envelope)
{
	const struct head h = {id, envelope.len};
	size_t            room = l->bytes.ceiling - l->bytes.len;

	if (l->count >= l->max_frames || room < sizeof h || envelope.len > room - sizeof h)
		return false;
	buf_put_bytes(&l->bytes, &h, sizeof h);
	buf_put(&l->bytes, envelope);
	l->count++;
	return true;
}

bool rpc_lane_next(const struct rpc_lane *l, size_t *at, uint64_t *out_id, str *out_envelope)
{
	struct head h;

	if (*at == l->bytes.len)
		return false;
	memcpy(&h, l->bytes.ptr + *at, sizeof h);
	*out_id = h.id;
	*out_envelope = (str){l->bytes.ptr + *at + sizeof h, h.len};
	*at += sizeof h + h.len;
	return true;
}

void rpc_lane_swap(struct rpc_lane *a, struct rpc_lane *b)
{
	struct rpc_lane was_a = *a;

	a->bytes = b->bytes;
	a->bytes.ceiling = was_a.bytes.ceiling;
	a->count = b->count;
	was_a.bytes.ceiling = b->bytes.ceiling;
	b->bytes = was_a.bytes;
	b->count = was_a.count;
}

void rpc_lane_clear(struct rpc_lane *l)
{
	if (l->bytes.size > KEPT_BYTES)
		buf_fini(&l->bytes);
	else
		buf_reset(&l->bytes);
	l->count = 0;
}
