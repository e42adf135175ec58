#include "edge/stream_topic.h"

#include "pbjson/number.h"

#include <math.h>

/* WGS 84 */
#define EQUATOR_RADIUS_M 6378137.0
#define MEAN_RADIUS_M    6371008.8
#define FLATTENING       (1 / 298.257223563)

#define MAX_RADIUS_M 20037508.0
#define PI           3.14159265358979323846
#define FAR_ANGLE    3.1  /* some 270 km short of the other side */
#define NEAR_ANGLE   1e-9 /* millimetres */

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

static double square(double v)
{
	return v * v;
}

/* The angle between two places on a sphere, by the haversine formula. */
static double angle_between(double lat1, double lat2, double dlon)
{
	const double h =
	        square(sin((lat2 - lat1) / 2)) + cos(lat1) * cos(lat2) * square(sin(dlon / 2));

	return 2 * asin(sqrt(fmin(1, h)));
}

/*
 * Lambert's formula: a sphere with reduced latitudes, and a correction for how flat the Earth is.
 * That grows without bound towards the other side of the Earth, where the sphere has to do.
 */
double edge_stream_circle_distance(const struct edge_stream_circle *c, double lat, double lon)
{
	const double dlon = radians(lon - c->lon);
	const double lat1 = atan((1 - FLATTENING) * tan(radians(c->lat)));
	const double lat2 = atan((1 - FLATTENING) * tan(radians(lat)));
	const double angle = angle_between(lat1, lat2, dlon);
	const double p = (lat1 + lat2) / 2, q = (lat2 - lat1) / 2;
	double       x, y;

	if (angle > FAR_ANGLE)
		return MEAN_RADIUS_M * angle_between(radians(c->lat), radians(lat), dlon);
	if (angle < NEAR_ANGLE)
		return EQUATOR_RADIUS_M * angle;
	x = (angle - sin(angle)) * square(sin(p)) * square(cos(q)) / square(cos(angle / 2));
	y = (angle + sin(angle)) * square(cos(p)) * square(sin(q)) / square(sin(angle / 2));
	return EQUATOR_RADIUS_M * (angle - FLATTENING / 2 * (x + y));
}

bool edge_stream_circle_has(const struct edge_stream_circle *c, double lat, double lon)
{
	return edge_stream_circle_distance(c, lat, lon) <= c->radius;
}
