#include "pbjson/parse.h"

#include "pb/message.h"
#include "pbjson/field.h"
#include "pbjson/value.h"
#include "pbjson/well_known.h"

#include <assert.h>

/*
 * Fields of one message while it is read, as bits. `given` were named by this JSON object;
 * `preset` were set before it, from the path or query: what the object says of those is
 * checked for syntax and otherwise passed over, since the path names the thing.
 */
enum { MAX_FIELDS = 256 };

struct field_set {
	uint64_t bits[MAX_FIELDS / 64];
};

static bool has_field(const struct field_set *set, unsigned index)
{
	return (set->bits[index / 64] >> (index % 64) & 1) != 0;
}

static void add_field(struct field_set *set, unsigned index)
{
	set->bits[index / 64] |= UINT64_C(1) << (index % 64);
}

struct members {
	const struct pb_message *schema;
	ProtobufCMessage        *message;
	struct field_set         given, preset;
	struct pbjson_seen      *seen; /* NULL: nobody asks */
};

static void find_preset(struct members *ms)
{
	for (unsigned i = 0; i < ms->schema->descriptor->n_fields; i++)
		if (pb_is_set(ms->message, ms->schema, i))
			add_field(&ms->preset, i);
}

static void add_given(struct members *ms, unsigned index)
{
	add_field(&ms->given, index);
	if (ms->seen)
		ms->seen->names[ms->seen->count++] = ms->schema->fields[index].name;
}

static status parse_message(struct pbjson_reader *r, const struct pb_message *schema,
                            ProtobufCMessage *m, bool is_new, struct pbjson_seen *seen);

static status parse_new_message(struct pbjson_reader *r, const struct pb_message *schema,
                                ProtobufCMessage **out_message)
{
	ProtobufCMessage *m = pbjson_field_new_message(r->arena, schema->descriptor);

	if (m == NULL)
		return pbjson_reader_fail_full(r);
	TRY(parse_message(r, schema, m, true, NULL));
	*out_message = m;
	return STATUS_OK;
}

status pbjson_parse_item(struct pbjson_reader *r, const struct pb_message *schema, unsigned index,
                         void *slot)
{
	const ProtobufCFieldDescriptor *f = &schema->descriptor->fields[index];

	if (f->type == PROTOBUF_C_TYPE_MESSAGE)
		return parse_new_message(r, schema->fields[index].message, slot);
	return pbjson_value_read(r, f, slot);
}

status pbjson_parse_singular(struct pbjson_reader *r, const struct pb_message *schema,
                             ProtobufCMessage *m, unsigned index)
{
	const ProtobufCFieldDescriptor *f = &schema->descriptor->fields[index];
	ProtobufCMessage               *old = NULL;

	if (f->type == PROTOBUF_C_TYPE_MESSAGE)
		old = pbjson_field_message(m, f);
	if (old)
		return parse_message(r, schema->fields[index].message, old, false, NULL);
	TRY(pbjson_parse_item(r, schema, index, pbjson_field_at(m, f)));
	pbjson_field_mark(m, f);
	return STATUS_OK;
}

status pbjson_parse_list(struct pbjson_reader *r, const struct pb_message *schema,
                         ProtobufCMessage *m, unsigned index)
{
	const ProtobufCFieldDescriptor *f = &schema->descriptor->fields[index];
	struct pbjson_path              here = {.up = r->path};
	void                           *slot;

	TRY(pbjson_reader_expect(r, PBJSON_ARRAY, "must be a list"));
	r->path = &here;
	pbjson_scan_enter(&r->scan);
	for (; pbjson_scan_next_item(&r->scan); here.index++) {
		if (pbjson_scan_peek(&r->scan) == PBJSON_NULL &&
		    !pbjson_field_takes_null(&schema->fields[index]))
			return pbjson_reader_fail(r, "must not be null");
		slot = pbjson_field_append(r->arena, m, f);
		if (slot == NULL)
			return pbjson_reader_fail_full(r);
		TRY(pbjson_parse_item(r, schema, index, slot));
	}
	r->path = here.up;
	return r->scan.fault ? pbjson_reader_fail_syntax(r) : STATUS_OK;
}

static status parse_field(struct pbjson_reader *r, const struct pb_message *schema,
                          ProtobufCMessage *m, unsigned index)
{
	switch (schema->fields[index].presence) {
	case PB_REPEATED:
		return pbjson_parse_list(r, schema, m, index);
	case PB_MAP:
		return pbjson_map_parse(r, schema, m, index);
	default:
		return pbjson_parse_singular(r, schema, m, index);
	}
}

static bool is_singular(const struct pb_field *f)
{
	return f->presence != PB_REPEATED && f->presence != PB_MAP;
}

/* Set before the JSON, and not a message whose further fields the JSON may give. */
static bool is_settled(const struct members *ms, unsigned index)
{
	const struct pb_field *f = &ms->schema->fields[index];
	int                    other;

	if (has_field(&ms->preset, index))
		return !is_singular(f) || f->message == NULL ||
		       pbjson_well_known_is_special(f->message);
	other = pbjson_field_oneof(ms->message, &ms->schema->descriptor->fields[index]);
	return other != PBJSON_NO_FIELD && has_field(&ms->preset, (unsigned)other);
}

/* The value of a member whose name was taken; the path stands on it. */
static status parse_member(struct pbjson_reader *r, struct members *ms, unsigned index)
{
	const struct pb_field *f = &ms->schema->fields[index];
	int                    other;

	if (has_field(&ms->given, index))
		return pbjson_reader_fail(r, "is given twice");
	add_given(ms, index);
	if (is_settled(ms, index))
		return pbjson_reader_skip(r);
	if (pbjson_scan_peek(&r->scan) == PBJSON_NULL &&
	    !(is_singular(f) && pbjson_field_takes_null(f)))
		return pbjson_reader_skip(r);
	other = pbjson_field_oneof(ms->message, &ms->schema->descriptor->fields[index]);
	if (other != PBJSON_NO_FIELD && other != (int)index)
		return pbjson_reader_fail(
		        r, arena_printf(r->arena, "excludes %s", ms->schema->fields[other].name));
	return parse_field(r, ms->schema, ms->message, index);
}

static status parse_members(struct pbjson_reader *r, struct members *ms)
{
	struct pbjson_path   here = {.up = r->path};
	struct pbjson_string key;
	unsigned             hint = 0;
	str                  name;
	int                  index;

	pbjson_scan_enter(&r->scan);
	while (pbjson_scan_next_key(&r->scan, &key)) {
		TRY(pbjson_reader_unescape(r, key, &name));
		index = pbjson_field_find(ms->schema, name, hint);
		if (index == PBJSON_NO_FIELD) {
			TRY(pbjson_reader_skip(r));
			continue;
		}
		hint = (unsigned)index + 1;
		here.name = str_c(ms->schema->fields[index].name);
		r->path = &here;
		TRY(parse_member(r, ms, (unsigned)index));
		r->path = here.up;
	}
	return r->scan.fault ? pbjson_reader_fail_syntax(r) : STATUS_OK;
}

static status parse_message(struct pbjson_reader *r, const struct pb_message *schema,
                            ProtobufCMessage *m, bool is_new, struct pbjson_seen *seen)
{
	struct members ms = {.schema = schema, .message = m, .seen = seen};

	assert(schema->descriptor->n_fields <= MAX_FIELDS);
	if (pbjson_well_known_is_special(schema))
		return pbjson_well_known_read(r, schema, m);
	if (!is_new)
		find_preset(&ms);
	if (pbjson_field_is_inline(schema) && pbjson_scan_peek(&r->scan) == PBJSON_ARRAY) {
		add_given(&ms, 0);
		return is_settled(&ms, 0) ? pbjson_reader_skip(r)
		                          : pbjson_parse_list(r, schema, m, 0);
	}
	TRY(pbjson_reader_expect(r, PBJSON_OBJECT, "must be an object"));
	return parse_members(r, &ms);
}

static status expect_end(struct pbjson_reader *r)
{
	return pbjson_scan_end(&r->scan) ? STATUS_OK : pbjson_reader_fail_syntax(r);
}

status pbjson_parse(struct arena *a, str json, const struct pb_message *schema, ProtobufCMessage *m,
                    struct pbjson_seen *out_seen, struct pbjson_error *out_error)
{
	struct pbjson_reader r = {.arena = a, .error = out_error};
	struct pbjson_seen   seen = {0};

	pbjson_scan_init(&r.scan, json);
	if (out_seen)
		seen.names = arena_alloc(a, schema->descriptor->n_fields * sizeof *seen.names);
	TRY(parse_message(&r, schema, m, false, out_seen ? &seen : NULL));
	TRY(expect_end(&r));
	if (out_seen)
		*out_seen = seen;
	return STATUS_OK;
}

status pbjson_parse_field(struct arena *a, str json, const struct pb_message *schema,
                          ProtobufCMessage *m, const char *field_name,
                          struct pbjson_error *out_error)
{
	struct pbjson_reader r = {.arena = a, .error = out_error};
	struct members       ms = {.schema = schema, .message = m};
	struct pbjson_path   here = {.name = str_c(field_name)};
	int                  index = pbjson_field_find(schema, str_c(field_name), 0);

	if (index == PBJSON_NO_FIELD)
		return status_error(CODE_INTERNAL, "no such field");
	find_preset(&ms);
	pbjson_scan_init(&r.scan, json);
	r.path = &here;
	TRY(parse_member(&r, &ms, (unsigned)index));
	return expect_end(&r);
}
