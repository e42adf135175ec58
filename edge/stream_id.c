#include "edge/stream_id.h"

#include <inttypes.h>
#include <stdio.h>

static const char letters[EDGE_STREAM_SOURCES] = {'m', 'i'};

size_t edge_stream_id_print(const struct edge_stream_id *id, char out[EDGE_STREAM_ID_BYTES])
{
	size_t len = 0;

	out[0] = '\0';
	for (int i = 0; i < EDGE_STREAM_SOURCES; i++)
		if (id->at[i].epoch > 0)
			len += (size_t)snprintf(out + len, EDGE_STREAM_ID_BYTES - len,
			                        "%s%c%" PRId64 ".%" PRId64, len ? "-" : "",
			                        letters[i], id->at[i].epoch, id->at[i].position);
	return len;
}

/* The number of the source of a part; -1: none. */
static int source_of(str part)
{
	for (int i = 0; i < EDGE_STREAM_SOURCES; i++)
		if (part.len > 0 && part.ptr[0] == letters[i])
			return i;
	return -1;
}

static bool parse_part(str part, struct edge_stream_id *id)
{
	struct events_position at;
	const int              source = source_of(part);
	str                    epoch, position;

	if (source < 0 || id->at[source].epoch != 0 ||
	    !str_cut(str_from(part, 1), '.', &epoch, &position) || !str_to_i64(epoch, &at.epoch) ||
	    !str_to_i64(position, &at.position) || at.epoch < 1 || at.position < 0)
		return false;
	id->at[source] = at;
	return true;
}

status edge_stream_id_parse(str text, struct edge_stream_id *out_id)
{
	struct edge_stream_id id = {0};
	str                   rest = text, part;

	if (text.len >= EDGE_STREAM_ID_BYTES || str_ends(text, STR("-")))
		return status_error(CODE_INVALID_ARGUMENT, "is not an id of an event");
	while (str_next(&rest, '-', &part))
		if (!parse_part(part, &id))
			return status_error(CODE_INVALID_ARGUMENT, "is not an id of an event");
	*out_id = id;
	return STATUS_OK;
}
