#include "httprule/router.h"

#include "httprule/decode.h"

struct search {
	str      method;
	str      raw[HTTPRULE_MAX_PATH_SEGMENTS];
	str      text[HTTPRULE_MAX_PATH_SEGMENTS]; /* decoded */
	unsigned n_segments;
	unsigned n_plain; /* from here on all segments are fit for {name=**} */
	str      verb;
	str allow[HTTPRULE_MAX_METHODS]; /* sorted: methods of what matched but for the method */
	unsigned n_allow;
};

/* Empty segments and dots match no variable: nobody shall climb out of a tree by one. */
static bool is_plain(str text)
{
	return text.len > 0 && !str_eq(text, STR(".")) && !str_eq(text, STR(".."));
}

static void allow(struct search *s, str method)
{
	unsigned at = 0;

	while (at < s->n_allow && str_compare(s->allow[at], method) < 0)
		at++;
	if (at < s->n_allow && str_eq(s->allow[at], method))
		return;
	for (unsigned i = s->n_allow++; i > at; i--)
		s->allow[i] = s->allow[i - 1];
	s->allow[at] = method;
}

static const struct httprule_route *pick(struct search *s, const struct httprule_route *list)
{
	for (; list; list = list->next) {
		if (!str_eq(list->template.verb, s->verb))
			continue;
		if (str_eq(list->method, s->method))
			return list;
		allow(s, list->method);
	}
	return NULL;
}

/* As deep as the deepest template, at most; without a result it has seen all that match. */
static const struct httprule_route *descend(struct search *s, const struct httprule_node *n,
                                            unsigned at)
{
	const struct httprule_route *found = NULL;

	if (at == s->n_segments) {
		found = pick(s, n->ends);
	} else {
		for (const struct httprule_node *c = n->literals; c && !found; c = c->sibling)
			if (str_eq(c->literal, s->text[at]))
				found = descend(s, c, at + 1);
		if (!found && n->variable && is_plain(s->text[at]))
			found = descend(s, n->variable, at + 1);
	}
	if (!found && at >= s->n_plain)
		found = pick(s, n->rests);
	return found;
}

static status set_segment(struct search *s, unsigned at, str raw, struct arena *a)
{
	s->raw[at] = raw;
	return httprule_decode_as(raw, HTTPRULE_DECODE_SEGMENT, a, &s->text[at]);
}

static const struct httprule_route *search(struct search *s, const struct httprule_node *root)
{
	s->n_plain = s->n_segments;
	while (s->n_plain > 0 && is_plain(s->text[s->n_plain - 1]))
		s->n_plain--;
	return descend(s, root, 0);
}

/* Takes ":verb" off the last segment; false if it has none. */
static status cut_verb(struct search *s, struct arena *a, bool *out_has_verb)
{
	unsigned last = s->n_segments - 1;
	str      raw = s->raw[last];
	size_t   colon = raw.len;

	while (colon > 0 && raw.ptr[colon - 1] != ':')
		colon--;
	if (colon > 1 && colon < raw.len) {
		TRY(httprule_decode_as(str_from(raw, colon), HTTPRULE_DECODE_SEGMENT, a, &s->verb));
		TRY(set_segment(s, last, (str){raw.ptr, colon - 1}, a));
	}
	*out_has_verb = s->verb.len > 0;
	return STATUS_OK;
}

static status split(str path, struct arena *a, struct search *s)
{
	str  rest = str_from(path, 1), raw, checked;
	bool is_last;

	TRY(httprule_decode_as(path, HTTPRULE_DECODE_SEGMENT, a, &checked));
	if (path.len == 0 || path.ptr[0] != '/')
		return status_error(CODE_NOT_FOUND, "no such route");
	do {
		raw = rest;
		is_last = !str_cut(rest, '/', &raw, &rest);
		if (s->n_segments == HTTPRULE_MAX_PATH_SEGMENTS)
			return status_error(CODE_NOT_FOUND, "no such route");
		TRY(set_segment(s, s->n_segments, raw, a));
		s->n_segments++;
	} while (!is_last);
	return STATUS_OK;
}

/* All from segment `at` to the end, of which some may be none. */
static status join_rest(const struct search *s, unsigned at, struct arena *a, str *out_value)
{
	str first, last;

	if (at == s->n_segments) {
		*out_value = STR("");
		return STATUS_OK;
	}
	first = s->raw[at];
	last = s->raw[s->n_segments - 1];
	return httprule_decode_as((str){first.ptr, (size_t)(last.ptr + last.len - first.ptr)},
	                          HTTPRULE_DECODE_REST, a, out_value);
}

static status fill(const struct search *s, const struct httprule_route *route, struct arena *a,
                   struct httprule_match *out_match)
{
	struct httprule_match m = {.target = route->target};

	for (unsigned i = 0; i < route->template.n_segments; i++) {
		const struct httprule_segment *segment = &route->template.segments[i];

		if (segment->kind == HTTPRULE_LITERAL)
			continue;
		m.variables[m.n_variables].name = segment->text;
		if (segment->kind == HTTPRULE_REST)
			TRY(join_rest(s, i, a, &m.variables[m.n_variables].value));
		else
			m.variables[m.n_variables].value = s->text[i];
		m.n_variables++;
	}
	*out_match = m;
	return STATUS_OK;
}

static status not_found(const struct search *s, struct arena *a, str *out_allow)
{
	const char *list = "";

	if (s->n_allow == 0)
		return status_error(CODE_NOT_FOUND, "no such route");
	for (unsigned i = 0; i < s->n_allow; i++)
		list = arena_printf(a, "%s%s%.*s", list, i ? ", " : "", STR_ARG(s->allow[i]));
	*out_allow = str_c(list);
	return status_error(CODE_UNIMPLEMENTED, "no such method on this route");
}

status httprule_router_find(const struct httprule_router *r, str method, str raw_path,
                            struct arena *a, struct httprule_match *out_match, str *out_allow)
{
	struct search                whole = {.method = method}, cut;
	const struct httprule_route *route = NULL;
	bool                         has_verb;

	TRY(split(raw_path, a, &whole));
	cut = whole;
	TRY(cut_verb(&cut, a, &has_verb));
	if (has_verb) {
		route = search(&cut, &r->root);
		if (route)
			return fill(&cut, route, a, out_match);
		for (unsigned i = 0; i < cut.n_allow; i++)
			allow(&whole, cut.allow[i]);
	}
	route = search(&whole, &r->root);
	if (route)
		return fill(&whole, route, a, out_match);
	return not_found(&whole, a, out_allow);
}
