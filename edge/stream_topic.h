/*
 * edge/stream_topic.h - what somebody wants to hear of: "channel:tech",
 * "incidents:48.85,2.35,5000".
 */
#ifndef EDGE_STREAM_TOPIC_H
#define EDGE_STREAM_TOPIC_H

#include <stdbool.h>

#include "base/status.h"
#include "base/str.h"

enum edge_stream_topic_kind { EDGE_STREAM_CHANNEL, EDGE_STREAM_CIRCLE };

/* A place on the Earth and a distance from it. */
struct edge_stream_circle {
	double lat, lon; /* degrees */
	double radius;   /* metres, up to half the Earth's girth */
};

struct edge_stream_topic {
	enum edge_stream_topic_kind kind;
	str                         channel; /* its name as it was given, not empty; borrowed */
	struct edge_stream_circle   circle;
};

enum { EDGE_STREAM_MAX_TOPIC = 200 /* bytes */ };

/*
 * Reads one; text is valid UTF-8. INVALID_ARGUMENT says what is wrong, in words that follow the
 * name of the field.
 */
must_check status edge_stream_topic_parse(str text, struct edge_stream_topic *out_topic);

/*
 * Metres from the middle to a place. Within 0.005 % of the true distance; within 0.6 % from less
 * than 270 km to the other side of the Earth.
 */
double edge_stream_circle_distance(const struct edge_stream_circle *c, double lat, double lon);

/* The place lies in the circle. */
bool edge_stream_circle_has(const struct edge_stream_circle *c, double lat, double lon);

#endif
