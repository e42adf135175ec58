#include "edge/stream_topic.h"

#include "pbjson/number.h"

#include <math.h>

#define EARTH_RADIUS_M 6371008.8 /* the mean of WGS 84 */
#define MAX_RADIUS_M   20037508.0
#define PI             3.14159265358979323846

static status invalid(const char *why)
{
	return status_error(CODE_INVALID_ARGUMENT, why);
}

static bool parse_number(str text, double limit, double *out_value)
{
	/* Names of what is no number are words to that reader. */
	return pbjson_number_length(text) == text.len && text.len > 0 &&
	       pbjson_number_to_double(text, out_value) == NULL && fabs(*out_value) <= limit;
}

static status parse_circle(str text, struct edge_stream_circle *c)
{
	str lat, lon, radius;

	if (!str_cut(text, ',', &lat, &radius) || !str_cut(radius, ',', &lon, &radius))
		return invalid("must be incidents:lat,lon,radius");
	if (!parse_number(lat, 90, &c->lat))
		return invalid("must have a latitude from -90 to 90");
	if (!parse_number(lon, 180, &c->lon))
		return invalid("must have a longitude from -180 to 180");
	if (!parse_number(radius, MAX_RADIUS_M, &c->radius) || !(c->radius > 0))
		return invalid("must have a radius above 0, up to 20037508 metres");
	return STATUS_OK;
}

status edge_stream_topic_parse(str text, struct edge_stream_topic *out_topic)
{
	struct edge_stream_topic t = {0};
	str                      kind, rest;

	if (text.len > EDGE_STREAM_MAX_TOPIC)
		return invalid("is too long");
	if (!str_cut(text, ':', &kind, &rest))
		return invalid("must be channel:name or incidents:lat,lon,radius");
	if (str_eq(kind, STR("channel"))) {
		if (rest.len == 0 || str_eq(rest, STR("#")))
			return invalid("must name a channel");
		t.kind = EDGE_STREAM_CHANNEL;
		t.channel = rest;
	} else if (str_eq(kind, STR("incidents"))) {
		t.kind = EDGE_STREAM_CIRCLE;
		TRY(parse_circle(rest, &t.circle));
	} else {
		return invalid("must be of channel or incidents");
	}
	*out_topic = t;
	return STATUS_OK;
}

static double radians(double degrees)
{
	return degrees * PI / 180;
}

/* The haversine formula: exact enough for small distances, and right across the date line. */
bool edge_stream_circle_has(const struct edge_stream_circle *c, double lat, double lon)
{
	const double dlat = sin(radians(lat - c->lat) / 2), dlon = sin(radians(lon - c->lon) / 2);
	const double h = dlat * dlat + cos(radians(c->lat)) * cos(radians(lat)) * dlon * dlon;

	return 2 * EARTH_RADIUS_M * asin(sqrt(fmin(1, h))) <= c->radius;
}
