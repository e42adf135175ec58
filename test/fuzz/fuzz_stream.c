/*
 * Any bytes as a topic of a stream of events, and as the id that a client comes again with. A topic
 * that is taken names a channel or a place on the Earth; an id prints as one that reads back.
 */
#include "edge/stream_id.h"
#include "edge/stream_topic.h"
#include "test/fuzz/fuzz.h"

#include <string.h>

static void read_topic(str text)
{
	struct edge_stream_topic t;

	if (edge_stream_topic_parse(text, &t).code != CODE_OK)
		return;
	fuzz_require(text.len <= EDGE_STREAM_MAX_TOPIC);
	if (t.kind == EDGE_STREAM_CHANNEL) {
		fuzz_require(t.channel.len > 0 && str_ends(text, t.channel));
		return;
	}
	fuzz_require(t.circle.lat >= -90 && t.circle.lat <= 90);
	fuzz_require(t.circle.lon >= -180 && t.circle.lon <= 180);
	fuzz_require(t.circle.radius > 0);
	fuzz_require(edge_stream_circle_has(&t.circle, t.circle.lat, t.circle.lon));
}

static void read_id(str text)
{
	struct edge_stream_id id, again;
	char                  printed[EDGE_STREAM_ID_BYTES];
	size_t                len;

	if (edge_stream_id_parse(text, &id).code != CODE_OK)
		return;
	len = edge_stream_id_print(&id, printed);
	fuzz_require(len < sizeof printed && len == strlen(printed));
	fuzz_require(edge_stream_id_parse((str){printed, len}, &again).code == CODE_OK);
	fuzz_require(memcmp(&id, &again, sizeof id) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const str text = {(const char *)data, size};

	read_topic(text);
	read_id(text);
	return 0;
}
