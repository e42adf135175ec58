/*
 * edge/request_id.h - fresh request ids, for requests that bring none.
 *
 * An id is 128 random bits. They come from the kernel many ids at a time, since one system call an
 * id shows in what a request costs.
 */
#ifndef EDGE_REQUEST_ID_H
#define EDGE_REQUEST_ID_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum { EDGE_REQUEST_ID_BYTES = 16, EDGE_REQUEST_IDS_DRAWN = 64 };

/* One loop's; zeroes are a fine start. */
struct edge_request_ids {
	uint8_t  random[EDGE_REQUEST_IDS_DRAWN][EDGE_REQUEST_ID_BYTES];
	unsigned n_left;
};

/* 32 lower-case hexadecimal digits, in the arena. */
str edge_request_id_new(struct edge_request_ids *ids, struct arena *a);

#endif
