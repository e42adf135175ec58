/*
 * edge/stream_id.h - the ids of server-sent events: where in its sources a stream of events stands.
 *
 * Clients give the last one back when they come again, and see nothing else in it.
 */
#ifndef EDGE_STREAM_ID_H
#define EDGE_STREAM_ID_H

#include "base/status.h"
#include "base/str.h"
#include "events/consumer.h"

/* The services whose facts streams show. */
enum edge_stream_source_kind { EDGE_STREAM_MESSAGES, EDGE_STREAM_INCIDENTS, EDGE_STREAM_SOURCES };

/* The facts that a stream has shown last; an epoch of 0: none of that source. */
struct edge_stream_id {
	struct events_position at[EDGE_STREAM_SOURCES];
};

enum { EDGE_STREAM_ID_BYTES = 128 };

/* Prints it, of printable ASCII without a space; returns the length. "" when it is of none. */
size_t edge_stream_id_print(const struct edge_stream_id *id, char out[EDGE_STREAM_ID_BYTES]);

/* Reads what was printed; "" too. INVALID_ARGUMENT for anything else. */
must_check status edge_stream_id_parse(str text, struct edge_stream_id *out_id);

#endif
