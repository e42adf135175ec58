/*
 * httprule/httprule.h - path templates of google.api.http, and a router over many.
 *
 * A template is literal segments, variables {name} and {name=*}, and as last
 * segment {name=**}; a verb ":verb" may end it (google/api/http.proto's grammar,
 * without nested patterns inside a variable). Literal beats variable, segment by
 * segment from the left.
 *
 * Matching works on the raw path: split at '/', each segment percent-decoded by itself,
 * so %2F stays inside its segment. Empty segments, "." and ".." match nothing but themselves as
 * text; a single trailing slash is significant (the template must end in it). {name=**} takes
 * any number of segments, none too; in its value %2F stays as it is and '/' separates. A verb is
 * what follows the last ':' of the path; when no template has that verb, the ':' is plain text.
 */
#ifndef HTTPRULE_HTTPRULE_H
#define HTTPRULE_HTTPRULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

enum {
	HTTPRULE_MAX_SEGMENTS = 16, /* of a template */
	HTTPRULE_MAX_VARIABLES = 8,
	HTTPRULE_MAX_PATH_SEGMENTS = 64, /* of a path; one of more matches nothing */
};

struct httprule_segment {
	enum { HTTPRULE_LITERAL, HTTPRULE_VARIABLE, HTTPRULE_REST } kind;
	str text; /* literal text, or the variable's field path */
};

struct httprule_template {
	struct httprule_segment segments[HTTPRULE_MAX_SEGMENTS];
	unsigned                n_segments;
	str                     verb; /* empty: none */
};

/* Parses a template; slices point into text. INVALID_ARGUMENT says what is wrong and where. */
must_check status httprule_parse(str text, struct arena *a, struct httprule_template *out_template);

/* Both templates match the same paths, whatever their variables are called: a conflict. */
bool httprule_is_same(const struct httprule_template *a, const struct httprule_template *b);

/* ---- router ---- */

struct httprule_router;

struct httprule_match {
	void *target;
	struct {
		str name;
		str value; /* decoded, in the arena */
	} variables[HTTPRULE_MAX_VARIABLES];
	unsigned n_variables;
};

struct httprule_router *httprule_router_new(void);
void                    httprule_router_free(struct httprule_router *r);

/*
 * Adds a route; method and text are copied. ALREADY_EXISTS on a conflict, INVALID_ARGUMENT as in
 * httprule_parse(); the message is in a.
 */
must_check status httprule_router_add(struct httprule_router *r, str method, str text, void *target,
                                      struct arena *a);

/*
 * Finds the route of a raw path (no query); the method takes part, so that a literal route of
 * another method does not hide a variable one of this method. NOT_FOUND when no template matches;
 * UNIMPLEMENTED when one does under other methods only, which then stand in *out_allow
 * ("GET, POST", in the arena); INVALID_ARGUMENT for a bad percent code, or bytes that are no UTF-8
 * or hold NUL after decoding; RESOURCE_EXHAUSTED past the arena's ceiling.
 */
must_check status httprule_router_find(const struct httprule_router *r, str method, str raw_path,
                                       struct arena *a, struct httprule_match *out_match,
                                       str *out_allow);

/* Decodes %XX (and '+' as a space when is_query) into the arena; INVALID_ARGUMENT as above. */
must_check status httprule_decode(str raw, bool is_query, struct arena *a, str *out_text);

#endif
