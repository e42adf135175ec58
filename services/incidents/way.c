/*
 * Design notes. Everything is a vector: there is no meridian to jump at and no pole to stumble
 * over. Directions (zeniths) are points of a sphere of radius 1, pieces are so short that their
 * chords will do for finding the nearest point; what is told of it in metres is measured between
 * two points of the ellipsoid, in a straight line, which is shorter than over the ground by a
 * billionth of a kilometre's length.
 *
 * A binary tree of balls over the pieces, in the order of the way, finds the nearest one without
 * looking at most of them. Its node of pieces [low, high) is followed by the left half's nodes,
 * then the right half's: no pointers.
 */
#include "services/incidents/way.h"

#include <assert.h>
#include <math.h>

/* The mean radius of the Earth, and the least that the ellipsoid bends by anywhere. */
#define MEAN_RADIUS_M  6371008.8
#define LEAST_RADIUS_M 6335439.0

/* Pieces of a long way are longer, so that there are never more than twice as many as points. */
#define PIECE_M   1000.0
#define MOST_CUTS 10000

/* What is nearer by less than this is as near. */
#define SAME_M 0.01

struct ball {
	struct incidents_vector center;
	double                  radius;
};

struct incidents_way {
	struct incidents_vector *ends;   /* of pieces: piece i is from ends[i] to ends[i + 1] */
	double                  *begins; /* of pieces: the length of the way before, and of all */
	size_t                   n;      /* pieces */
	struct ball             *balls;
	double                   piece_m; /* the longest */
	struct incidents_way_chunks chunks;
};

/* ---- vectors ---- */

static struct incidents_vector sum(double of_a, struct incidents_vector a, double of_b,
                                   struct incidents_vector b)
{
	return (struct incidents_vector){of_a * a.x + of_b * b.x, of_a * a.y + of_b * b.y,
	                                 of_a * a.z + of_b * b.z};
}

static struct incidents_vector between(struct incidents_vector a, struct incidents_vector b,
                                       double of_b)
{
	return sum(1 - of_b, a, of_b, b);
}

static struct incidents_vector minus(struct incidents_vector a, struct incidents_vector b)
{
	return sum(1, a, -1, b);
}

static double dot(struct incidents_vector a, struct incidents_vector b)
{
	return a.x * b.x + a.y * b.y + a.z * b.z;
}

static double length(struct incidents_vector v)
{
	return sqrt(dot(v, v));
}

static struct incidents_vector direction(struct incidents_vector v)
{
	return sum(1 / length(v), v, 0, v);
}

static struct incidents_vector cross(struct incidents_vector a, struct incidents_vector b)
{
	return (struct incidents_vector){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,
	                                 a.x * b.y - a.y * b.x};
}

/* Of two directions; the arc cosine would be wrong for near ones. */
static double angle(struct incidents_vector a, struct incidents_vector b)
{
	return atan2(length(cross(a, b)), dot(a, b));
}

/* A direction across the given one. */
static struct incidents_vector across(struct incidents_vector v)
{
	const struct incidents_vector x = {1, 0, 0}, z = {0, 0, 1};

	return direction(cross(v, fabs(v.z) < 0.5 ? z : x));
}

/* Part of the way from a to b along the great circle; along any one if they are opposite. */
static struct incidents_vector on_arc(struct incidents_vector a, struct incidents_vector b,
                                      double part)
{
	const double whole = angle(a, b), sine = sin(whole);

	if (sine > 1e-9)
		return direction(sum(sin(whole * (1 - part)), a, sin(whole * part), b));
	if (whole < 1)
		return direction(between(a, b, part));
	return sum(cos(whole * part), a, sin(whole * part), across(a));
}

/* ---- the tree ---- */

static struct ball around(struct ball a, struct ball b)
{
	struct ball r = {.center = between(a.center, b.center, 0.5)};

	r.radius = fmax(length(minus(r.center, a.center)) + a.radius,
	                length(minus(r.center, b.center)) + b.radius);
	return r;
}

static void grow(struct incidents_way *w, size_t node, size_t low, size_t high)
{
	const size_t middle = low + (high - low) / 2, right = node + 2 * (middle - low);

	if (high - low == 1) {
		w->balls[node].center = between(w->ends[low], w->ends[high], 0.5);
		w->balls[node].radius = length(minus(w->ends[low], w->ends[high])) / 2;
		return;
	}
	grow(w, node + 1, low, middle);
	grow(w, right, middle, high);
	w->balls[node] = around(w->balls[node + 1], w->balls[right]);
}

struct search {
	const struct incidents_way *way;
	struct incidents_vector     zenith, place;
	double                      nearest_m; /* so far; at first the most */
	double                      spot_m;    /* of what is found; infinite: nothing */
	double                      position;  /* on the way, as begins[] */
};

static void look_at_piece(struct search *s, size_t i)
{
	const struct incidents_vector a = s->way->ends[i];
	const struct incidents_vector piece = minus(s->way->ends[i + 1], a);
	const double                  square = dot(piece, piece);
	double                        part = 0, metres;
	struct incidents_vector       foot;

	if (square > 0)
		part = fmin(fmax(dot(minus(s->zenith, a), piece) / square, 0), 1);
	foot = between(a, s->way->ends[i + 1], part);
	foot = incidents_place_in_space(direction(foot));
	metres = length(minus(s->place, foot));
	if (metres > s->nearest_m)
		return;
	s->nearest_m = metres;
	if (metres > s->spot_m - SAME_M)
		return;
	s->spot_m = metres;
	s->position = s->way->begins[i] + part * (s->way->begins[i + 1] - s->way->begins[i]);
}

/* In the order of the way, so that of what is as near the first is found. */
static void look(struct search *s, size_t node, size_t low, size_t high)
{
	const struct ball *b = &s->way->balls[node];
	const size_t       middle = low + (high - low) / 2;
	const double least = (length(minus(s->zenith, b->center)) - b->radius) * LEAST_RADIUS_M;

	if (least > s->nearest_m + SAME_M)
		return;
	if (high - low == 1) {
		look_at_piece(s, low);
		return;
	}
	look(s, node + 1, low, middle);
	look(s, node + 2 * (middle - low), middle, high);
}

bool incidents_way_find(const struct incidents_way *w, struct incidents_place place, double metres,
                        struct incidents_way_spot *out_spot)
{
	const struct incidents_vector zenith = incidents_place_zenith(place);
	struct search                 s = {.way = w,
	                                   .zenith = zenith,
	                                   .place = incidents_place_in_space(zenith),
	                                   .nearest_m = metres,
	                                   .spot_m = INFINITY};
	const double                  whole = w->begins[w->n];

	look(&s, 0, 0, w->n);
	if (isinf(s.spot_m))
		return false;
	out_spot->fraction = whole > 0 ? s.position / whole : 0;
	out_spot->metres = s.nearest_m;
	return true;
}

/* ---- cutting ---- */

static double way_metres(const struct incidents_place *points, size_t n)
{
	double sum = 0;

	for (size_t i = 1; i < n; i++)
		sum += angle(incidents_place_zenith(points[i - 1]),
		             incidents_place_zenith(points[i]));
	return sum * MEAN_RADIUS_M;
}

static void add_end(struct incidents_way *w, struct incidents_vector end)
{
	w->ends[w->n + 1] = end;
	w->begins[w->n + 1] = w->begins[w->n] + angle(w->ends[w->n], end);
	w->n++;
}

/* From the last end to a point. */
static void add_pieces(struct incidents_way *w, struct incidents_vector to)
{
	const struct incidents_vector from = w->ends[w->n];
	const size_t n = (size_t)(angle(from, to) * MEAN_RADIUS_M / w->piece_m) + 1;

	for (size_t i = 1; i < n; i++)
		add_end(w, on_arc(from, to, (double)i / (double)n));
	add_end(w, to);
}

struct listing {
	int64_t *numbers;
	double  *lat, *lon;
	size_t   n;
};

static void list_point(struct listing *l, int64_t number, struct incidents_vector zenith)
{
	const struct incidents_place p = incidents_place_below(zenith);

	l->numbers[l->n] = number;
	l->lat[l->n] = p.lat;
	l->lon[l->n] = p.lon;
	l->n++;
}

static void gather(struct incidents_way *w, struct arena *a)
{
	const double   most = w->piece_m / MEAN_RADIUS_M;
	struct listing l = {.numbers = arena_alloc(a, 2 * w->n * sizeof *l.numbers),
	                    .lat = arena_alloc(a, 2 * w->n * sizeof *l.lat),
	                    .lon = arena_alloc(a, 2 * w->n * sizeof *l.lon)};
	int64_t        number = 0;
	double         begin = 0;

	list_point(&l, number, w->ends[0]);
	for (size_t i = 0; i < w->n; i++) {
		if (i > 0 && w->begins[i + 1] - begin > most) {
			begin = w->begins[i];
			list_point(&l, ++number, w->ends[i]);
		}
		list_point(&l, number, w->ends[i + 1]);
	}
	assert(l.n <= 2 * w->n);
	w->chunks = (struct incidents_way_chunks){l.numbers, l.lat, l.lon, l.n};
}

struct incidents_way *incidents_way_new(struct arena *a, const struct incidents_place *points,
                                        size_t n)
{
	struct incidents_way *w;
	const double          metres = way_metres(points, n);
	size_t                room;

	assert(n >= 1 && n <= INCIDENTS_WAY_MAX_POINTS);
	if (metres > INCIDENTS_WAY_MAX_KM * 1000.0)
		return NULL;
	w = arena_zalloc(a, sizeof *w);
	w->piece_m = fmax(PIECE_M, metres / MOST_CUTS);
	room = n + (size_t)(metres / w->piece_m) + 2;
	w->ends = arena_alloc(a, room * sizeof *w->ends);
	w->begins = arena_alloc(a, room * sizeof *w->begins);
	w->ends[0] = incidents_place_zenith(points[0]);
	w->begins[0] = 0;
	for (size_t i = 1; i < n; i++)
		add_pieces(w, incidents_place_zenith(points[i]));
	if (n == 1)
		add_pieces(w, w->ends[0]);
	assert(w->n < room);
	w->balls = arena_alloc(a, 2 * w->n * sizeof *w->balls);
	grow(w, 0, 0, w->n);
	gather(w, a);
	return w;
}

struct incidents_way_chunks incidents_way_chunks(const struct incidents_way *w)
{
	return w->chunks;
}
