#include "edge/request_id.h"

#include "auth/secret.h"

str edge_request_id_new(struct edge_request_ids *ids, struct arena *a)
{
	static const char digits[] = "0123456789abcdef";
	char             *text = arena_alloc(a, 2 * EDGE_REQUEST_ID_BYTES);
	const uint8_t    *id;

	if (ids->n_left == 0) {
		secret_random(ids->random, sizeof ids->random);
		ids->n_left = EDGE_REQUEST_IDS_DRAWN;
	}
	id = ids->random[--ids->n_left];
	for (int i = 0; i < EDGE_REQUEST_ID_BYTES; i++) {
		text[2 * i] = digits[id[i] >> 4];
		text[2 * i + 1] = digits[id[i] & 15];
	}
	return (str){text, 2 * EDGE_REQUEST_ID_BYTES};
}
