#include "httprule/httprule.h"

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 3986 pchar without ':' (a verb's mark), '*' (a pattern's) and '%' (write it decoded). */
static bool is_literal_char(char c)
{
	return is_alpha(c) || is_digit(c) || (c && str_find(STR("-.~!$&'()+,;=@"), c) >= 0);
}

static bool is_literal(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_literal_char(s.ptr[i]))
			return false;
	return s.len > 0;
}

static bool is_identifier(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alpha(s.ptr[i]) && !(i > 0 && is_digit(s.ptr[i])))
			return false;
	return s.len > 0;
}

static bool is_field_path(str s)
{
	str head;

	while (str_cut(s, '.', &head, &s))
		if (!is_identifier(head))
			return false;
	return is_identifier(s);
}

static status fail(struct arena *a, str text, str at, const char *why)
{
	return status_errorf(a, CODE_INVALID_ARGUMENT, "path template \"%.*s\": %s at \"%.*s\"",
	                     STR_ARG(text), why, STR_ARG(at));
}

static bool has_variable(const struct httprule_template *t, str name)
{
	for (unsigned i = 0; i < t->n_segments; i++)
		if (t->segments[i].kind != HTTPRULE_LITERAL && str_eq(t->segments[i].text, name))
			return true;
	return false;
}

/* Takes ":verb" off the last segment; a ':' can stand nowhere else. */
static bool cut_verb(str *segment, str *out_verb)
{
	str verb = {0};

	if (str_cut(*segment, ':', segment, &verb) && !is_literal(verb))
		return false;
	*out_verb = verb;
	return true;
}

/* What is wrong, or NULL. */
static const char *parse_variable(str inside, bool is_last, struct httprule_segment *out_segment)
{
	str name = inside, pattern = STR("*");

	(void)str_cut(inside, '=', &name, &pattern);
	if (!is_field_path(name))
		return "no field name";
	if (str_eq(pattern, STR("**"))) {
		if (!is_last)
			return "** before the last segment";
		*out_segment = (struct httprule_segment){HTTPRULE_REST, name};
		return NULL;
	}
	if (!str_eq(pattern, STR("*")))
		return "a pattern other than * or **";
	*out_segment = (struct httprule_segment){HTTPRULE_VARIABLE, name};
	return NULL;
}

static const char *parse_segment(str raw, bool is_last, struct httprule_segment *out_segment)
{
	if (raw.len > 0 && raw.ptr[0] == '{') {
		if (raw.ptr[raw.len - 1] != '}')
			return "no closing brace";
		return parse_variable((str){raw.ptr + 1, raw.len - 2}, is_last, out_segment);
	}
	if (raw.len == 0 && !is_last)
		return "an empty segment";
	if (raw.len > 0 && !is_literal(raw))
		return "a character that cannot stand in a literal";
	*out_segment = (struct httprule_segment){HTTPRULE_LITERAL, raw};
	return NULL;
}

status httprule_parse(str text, struct arena *a, struct httprule_template *out_template)
{
	struct httprule_template t = {0};
	str                      rest = str_from(text, 1), raw;
	unsigned                 n_variables = 0;
	bool                     is_last;

	if (text.len == 0 || text.ptr[0] != '/')
		return fail(a, text, text, "no leading slash");
	do {
		struct httprule_segment segment;
		const char             *wrong;

		raw = rest;
		is_last = !str_cut(rest, '/', &raw, &rest);
		if (is_last && !cut_verb(&raw, &t.verb))
			return fail(a, text, rest, "no verb after the colon");
		if (raw.len == 0 && t.verb.len > 0)
			return fail(a, text, rest, "a verb of nothing");
		wrong = parse_segment(raw, is_last, &segment);
		if (wrong)
			return fail(a, text, raw, wrong);
		if (segment.kind != HTTPRULE_LITERAL) {
			if (has_variable(&t, segment.text))
				return fail(a, text, raw, "a variable given twice");
			if (++n_variables > HTTPRULE_MAX_VARIABLES)
				return fail(a, text, raw, "too many variables");
		}
		if (t.n_segments == HTTPRULE_MAX_SEGMENTS)
			return fail(a, text, raw, "too many segments");
		t.segments[t.n_segments++] = segment;
	} while (!is_last);
	*out_template = t;
	return STATUS_OK;
}

bool httprule_is_same(const struct httprule_template *a, const struct httprule_template *b)
{
	if (a->n_segments != b->n_segments || !str_eq(a->verb, b->verb))
		return false;
	for (unsigned i = 0; i < a->n_segments; i++) {
		const struct httprule_segment *sa = &a->segments[i], *sb = &b->segments[i];

		if (sa->kind != sb->kind)
			return false;
		if (sa->kind == HTTPRULE_LITERAL && !str_eq(sa->text, sb->text))
			return false;
	}
	return true;
}
