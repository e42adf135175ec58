#include "edge/accept.h"

#include <string.h>

enum { FULL_WEIGHT = 1000, NO_WEIGHT = -1 };

/* How exactly a range names a form; the most exact one gives the weight. */
enum exactness { NOT_AT_ALL, ANY_TYPE, ANY_SUBTYPE, BY_NAME };

struct range {
	str type, subtype; /* "*": any */
	int weight;        /* thousandths */
};

/* What the ranges looked at so far say of one form. */
struct liking {
	enum exactness exactness;
	int            weight;
	unsigned       position; /* of the range that said so */
};

/* As str_next(), but for separators within quotes (RFC 9110 5.6.4). */
static bool next_part(str *rest, char sep, str *out_part)
{
	bool   is_quoted = false;
	size_t i;

	if (rest->len == 0)
		return false;
	for (i = 0; i < rest->len && (is_quoted || rest->ptr[i] != sep); i++)
		if (rest->ptr[i] == '"')
			is_quoted = !is_quoted;
		else if (is_quoted && rest->ptr[i] == '\\')
			i++;
	if (i > rest->len)
		i = rest->len;
	*out_part = str_trim((str){rest->ptr, i});
	*rest = str_from(*rest, i + 1);
	return true;
}

/* RFC 9110 5.6.2. */
static bool is_token(str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c <= ' ' || c > '~' || strchr("\"(),/:;<=>?@[\\]{}", c))
			return false;
	}
	return s.len > 0;
}

/* RFC 9110 12.4.2: 0 to 1, at most three digits behind the point. */
static int weight_of(str q)
{
	int weight, digit = FULL_WEIGHT;

	if (q.len == 0 || q.len > 5 || (q.ptr[0] != '0' && q.ptr[0] != '1'))
		return NO_WEIGHT;
	weight = (q.ptr[0] - '0') * digit;
	if (q.len > 1 && q.ptr[1] != '.')
		return NO_WEIGHT;
	for (size_t i = 2; i < q.len; i++) {
		if (q.ptr[i] < '0' || q.ptr[i] > '9')
			return NO_WEIGHT;
		digit /= 10;
		weight += (q.ptr[i] - '0') * digit;
	}
	return weight <= FULL_WEIGHT ? weight : NO_WEIGHT;
}

static bool parse_range(str text, struct range *out_range)
{
	struct range r = {.weight = FULL_WEIGHT};
	str          part, name, value;

	if (!next_part(&text, ';', &part) || !str_cut(part, '/', &r.type, &r.subtype) ||
	    !is_token(r.type) || !is_token(r.subtype))
		return false;
	if (str_eq(r.type, STR("*")) && !str_eq(r.subtype, STR("*")))
		return false;
	while (next_part(&text, ';', &part))
		if (str_cut(part, '=', &name, &value) && str_eq_nocase(name, STR("q")))
			r.weight = weight_of(value);
	*out_range = r;
	return r.weight != NO_WEIGHT;
}

static enum exactness exactness_of(const struct range *r, str form)
{
	str type, subtype;

	(void)str_cut(form, '/', &type, &subtype);
	if (str_eq(r->type, STR("*")))
		return ANY_TYPE;
	if (!str_eq_nocase(r->type, type))
		return NOT_AT_ALL;
	if (str_eq(r->subtype, STR("*")))
		return ANY_SUBTYPE;
	return str_eq_nocase(r->subtype, subtype) ? BY_NAME : NOT_AT_ALL;
}

static struct liking liking_of(str accept, str form)
{
	struct liking best = {.exactness = NOT_AT_ALL};
	struct range  r;
	str           text;

	for (unsigned i = 0; i < EDGE_ACCEPT_MAX_RANGES && next_part(&accept, ',', &text); i++) {
		enum exactness e = parse_range(text, &r) ? exactness_of(&r, form) : NOT_AT_ALL;

		if (e > best.exactness)
			best = (struct liking){e, r.weight, i};
	}
	return best;
}

static bool is_better(struct liking a, struct liking b)
{
	if (a.weight != b.weight)
		return a.weight > b.weight;
	if (a.exactness != b.exactness)
		return a.exactness > b.exactness;
	return a.position < b.position;
}

unsigned edge_accept_choose(str accept, const str *forms, unsigned n)
{
	struct liking best = liking_of(accept, forms[0]);
	unsigned      chosen = 0;

	for (unsigned i = 1; i < n; i++) {
		struct liking l = liking_of(accept, forms[i]);

		if (l.weight > 0 && is_better(l, best)) {
			best = l;
			chosen = i;
		}
	}
	return chosen;
}
