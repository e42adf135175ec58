#include "pb/validate.h"

#include "base/utf8.h"
#include "pb/member.h"
#include "pb/message.h"

#include <inttypes.h>

/* Where we are, from the inside out; becomes text only when something is wrong. */
struct place {
	const struct place *outer;
	const char         *name; /* NULL: an item, by its index */
	size_t              index;
};

struct walk {
	struct pb_violations *violations;
	bool                  is_clean;
};

static void validate(struct walk *w, const ProtobufCMessage *m, const struct pb_message *schema,
                     const struct place *outer);

void pb_violations_add(struct pb_violations *v, const char *field, const char *reason)
{
	if (v->count == PB_MAX_VIOLATIONS)
		return;
	v->items[v->count++] = (struct pb_violation){arena_cstr(v->arena, str_c(field)),
	                                             arena_cstr(v->arena, str_c(reason))};
}

/* ---- saying what is wrong ---- */

static const char *path_of(struct arena *a, const struct place *p)
{
	const char *outer = p->outer ? path_of(a, p->outer) : "";
	const char *dot = p->outer ? "." : "";

	if (p->name)
		return arena_printf(a, "%s%s%s", outer, dot, p->name);
	return arena_printf(a, "%s%s%zu", outer, dot, p->index);
}

/* The list is full and the answer known: a peer's thousandth mistake costs nothing. */
static bool is_done(const struct walk *w)
{
	return !w->is_clean && w->violations->count == PB_MAX_VIOLATIONS;
}

static void complain(struct walk *w, const struct place *p, const char *reason)
{
	struct pb_violations *v = w->violations;

	w->is_clean = false;
	if (v->count < PB_MAX_VIOLATIONS)
		pb_violations_add(v, path_of(v->arena, p), reason);
}

/* "must be at least 8 characters". */
static void complain_of_count(struct walk *w, const struct place *p, const char *verb,
                              const char *bound, uint32_t n, const char *unit)
{
	complain(w, p,
	         arena_printf(w->violations->arena, "must %s at %s %" PRIu32 " %s%s", verb, bound,
	                      n, unit, n == 1 ? "" : "s"));
}

static void complain_of_range(struct walk *w, const struct place *p, const struct pb_rules *r)
{
	struct arena *a = w->violations->arena;

	if (r->has_min && r->has_max)
		complain(w, p, arena_printf(a, "must be from %.15g to %.15g", r->min, r->max));
	else if (r->has_min)
		complain(w, p, arena_printf(a, "must be at least %.15g", r->min));
	else
		complain(w, p, arena_printf(a, "must be at most %.15g", r->max));
}

/* ---- one value ---- */

static bool check_count(struct walk *w, const struct place *p, size_t n, uint32_t min, uint32_t max,
                        const char *verb, const char *unit)
{
	if (min && n < min)
		complain_of_count(w, p, verb, "least", min, unit);
	else if (max && n > max)
		complain_of_count(w, p, verb, "most", max, unit);
	else
		return true;
	return false;
}

static void check_format(struct walk *w, const struct place *p, enum pb_format format, str s)
{
	switch (format) {
	case PB_FORMAT_NONE:
		return;
	case PB_FORMAT_EMAIL:
		if (!pb_is_email(s))
			complain(w, p, "must be an e-mail address");
		return;
	case PB_FORMAT_PSEUDO:
		if (!pb_is_pseudo(s))
			complain(w, p, "must be 3 to 32 of a-z 0-9 _ . -");
		return;
	case PB_FORMAT_CHANNEL:
		if (!pb_is_channel(s))
			complain(w, p, "must be 1 to 50 of a-z 0-9 _ -");
		return;
	case PB_FORMAT_PICTURE:
		if (!pb_is_picture(s))
			complain(w, p,
			         "must be an http(s) URL, or a data URI of a PNG, JPEG, GIF or "
			         "WebP picture of up to 64 KiB");
		return;
	case PB_FORMAT_INCLUDE:
		if (!str_eq(s, STR("interactions")) && !str_eq(s, STR("summary")))
			complain(w, p, "must be interactions or summary");
		return;
	}
}

static bool is_number(ProtobufCType type)
{
	return type != PROTOBUF_C_TYPE_STRING && type != PROTOBUF_C_TYPE_BYTES &&
	       type != PROTOBUF_C_TYPE_MESSAGE;
}

/* As a double: bounds are doubles, and none of them is near 2^53. */
static double number_at(const void *place, ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return *(const uint32_t *)place;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return (double)*(const int64_t *)place;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return (double)*(const uint64_t *)place;
	case PROTOBUF_C_TYPE_FLOAT:
		return (double)*(const float *)place;
	case PROTOBUF_C_TYPE_DOUBLE:
		return *(const double *)place;
	default: /* int32, enum, bool */
		return *(const int32_t *)place;
	}
}

/* A NaN is in no range. */
static void check_number(struct walk *w, const struct place *p, const struct pb_rules *r,
                         double value)
{
	if ((r->has_min && !(value >= r->min)) || (r->has_max && !(value <= r->max)))
		complain_of_range(w, p, r);
}

static void check_string(struct walk *w, const struct place *p, const struct pb_rules *r, str s)
{
	if (check_count(w, p, utf8_count(s), r->min_length, r->max_length, "be", "character"))
		check_format(w, p, r->format, s);
}

/* The value at `at`, which is there: a field's, or one item of a list. */
static void check_value(struct walk *w, const struct place *p, const struct pb_field *field,
                        ProtobufCType type, const void *at)
{
	const struct pb_rules *r = field->rules;

	if (type == PROTOBUF_C_TYPE_MESSAGE)
		validate(w, pb_member_message(at), field->message, p);
	else if (r == NULL)
		return;
	else if (type == PROTOBUF_C_TYPE_STRING)
		check_string(w, p, r, pb_member_string(at));
	else if (type == PROTOBUF_C_TYPE_BYTES)
		(void)check_count(w, p, pb_member_bytes(at).len, r->min_length, r->max_length, "be",
		                  "byte");
	else
		check_number(w, p, r, number_at(at, type));
}

/* ---- lists and maps ---- */

static size_t size_of(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return sizeof(uint64_t);
	default: /* 32 bits, enum, bool */
		return sizeof(uint32_t);
	}
}

/* An entry's value goes by its key where that is text. Rules on a map are about the map alone. */
static void check_entry(struct walk *w, const struct place *item, const struct pb_field *field,
                        const ProtobufCMessage *entry)
{
	enum { KEY, VALUE };
	const ProtobufCFieldDescriptor *d = entry->descriptor->fields;
	const struct pb_field          *value = &field->message->fields[VALUE];
	struct place                    p = *item;

	if (d[VALUE].type != PROTOBUF_C_TYPE_MESSAGE)
		return;
	if (d[KEY].type == PROTOBUF_C_TYPE_STRING)
		p.name = pb_member_string(pb_member(entry, &d[KEY])).ptr;
	check_value(w, &p, value, d[VALUE].type, pb_member(entry, &d[VALUE]));
}

static void check_items(struct walk *w, const struct place *p, const struct pb_field *field,
                        const ProtobufCMessage *m, const ProtobufCFieldDescriptor *d)
{
	const char  *array = *(const char *const *)pb_member(m, d);
	size_t       n = pb_member_count(m, d);
	struct place item = {.outer = p};

	if (field->rules &&
	    !check_count(w, p, n, field->rules->min_items, field->rules->max_items, "have", "item"))
		return;
	if (d->type != PROTOBUF_C_TYPE_MESSAGE && field->rules == NULL)
		return;
	for (; item.index < n && !is_done(w); item.index++) {
		const void *at = array + item.index * size_of(d->type);

		if (field->presence == PB_MAP)
			check_entry(w, &item, field, pb_member_message(at));
		else
			check_value(w, &item, field, d->type, at);
	}
}

/* ---- a whole message ---- */

/* Nothing to look at: absent, or text that is empty. */
static bool is_empty(const ProtobufCMessage *m, const struct pb_message *schema, unsigned index)
{
	const ProtobufCFieldDescriptor *d = &schema->descriptor->fields[index];

	if (!pb_is_set(m, schema, index))
		return true;
	if (d->label == PROTOBUF_C_LABEL_REPEATED)
		return false;
	if (d->type == PROTOBUF_C_TYPE_STRING)
		return pb_member_string(pb_member(m, d)).len == 0;
	if (d->type == PROTOBUF_C_TYPE_BYTES)
		return pb_member_bytes(pb_member(m, d)).len == 0;
	return false;
}

static void check_field(struct walk *w, const ProtobufCMessage *m, const struct pb_message *schema,
                        unsigned index, const struct place *outer)
{
	const struct pb_field          *field = &schema->fields[index];
	const ProtobufCFieldDescriptor *d = &schema->descriptor->fields[index];
	struct place                    own = {.outer = outer, .name = field->name};
	/* A list that is printed in place of its message goes by that message's name. */
	const struct place *p = field->rules && field->rules->is_inline && outer ? outer : &own;

	if (field->rules == NULL && field->message == NULL)
		return;
	if (is_empty(m, schema, index)) {
		if (field->rules && field->rules->is_required)
			complain(w, p, "is required");
		else if (field->rules && field->presence == PB_IMPLICIT && is_number(d->type))
			check_value(w, p, field, d->type, pb_member(m, d)); /* zero is a value */
	} else if (d->label == PROTOBUF_C_LABEL_REPEATED) {
		check_items(w, p, field, m, d);
	} else {
		check_value(w, p, field, d->type, pb_member(m, d));
	}
}

/* A missing map value is NULL. Well-known types carry no rules of ours. */
static void validate(struct walk *w, const ProtobufCMessage *m, const struct pb_message *schema,
                     const struct place *outer)
{
	if (m == NULL || schema == NULL || schema->well_known != PB_ORDINARY)
		return;
	for (unsigned i = 0; i < schema->descriptor->n_fields && !is_done(w); i++)
		check_field(w, m, schema, i, outer);
}

bool pb_validate(const ProtobufCMessage *m, const struct pb_message *schema,
                 struct pb_violations *violations)
{
	struct walk w = {.violations = violations, .is_clean = true};

	validate(&w, m, schema, NULL);
	return w.is_clean;
}
