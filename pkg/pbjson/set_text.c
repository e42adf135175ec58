#include "pbjson/pbjson.h"

#include "base/utf8.h"
#include "pb/message.h"
#include "pbjson/field.h"
#include "pbjson/reader.h"
#include "pbjson/value.h"
#include "pbjson/well_known.h"

static const status NO_SUCH_FIELD = {CODE_NOT_FOUND, "no such field"};

static bool has_text(const struct pb_field *f)
{
	return f->presence != PB_MAP &&
	       (f->message == NULL || pbjson_well_known_has_text(f->message));
}

/* One value, into the slot of a singular field or of a list's new item. */
static status set_value(struct pbjson_reader *r, const struct pb_message *schema, unsigned index,
                        str text, void *slot)
{
	const struct pb_message *sub = schema->fields[index].message;
	ProtobufCMessage        *m;

	if (sub == NULL)
		return pbjson_value_from_text(r, &schema->descriptor->fields[index], text, slot);
	m = pbjson_field_new_message(r->arena, sub->descriptor);
	if (m == NULL)
		return pbjson_reader_fail_full(r);
	TRY(pbjson_well_known_from_text(r, sub, m, text));
	*(ProtobufCMessage **)slot = m;
	return STATUS_OK;
}

static status set_leaf(struct pbjson_reader *r, const struct pb_message *schema,
                       ProtobufCMessage *m, unsigned index, str text)
{
	const ProtobufCFieldDescriptor *f = &schema->descriptor->fields[index];
	void                           *slot;

	if (!utf8_is_valid(text) || str_find(text, '\0') >= 0)
		return pbjson_reader_fail(r, "must be UTF-8 without NUL");
	if (schema->fields[index].presence == PB_REPEATED) {
		slot = pbjson_field_append(r->arena, m, f);
		return slot ? set_value(r, schema, index, text, slot) : pbjson_reader_fail_full(r);
	}
	if (pb_is_set(m, schema, index) || pbjson_field_oneof(m, f) != PBJSON_NO_FIELD)
		return pbjson_reader_fail(r, "is given twice");
	TRY(set_value(r, schema, index, text, pbjson_field_at(m, f)));
	pbjson_field_mark(m, f);
	return STATUS_OK;
}

static status set_at(struct pbjson_reader *r, const struct pb_message *schema, ProtobufCMessage *m,
                     str path, str text);

/* Into a sub-message, which is made if need be, but stays only if the value fits: no empty traces.
 */
static status set_below(struct pbjson_reader *r, const struct pb_message *schema,
                        ProtobufCMessage *m, unsigned index, str path, str text)
{
	const ProtobufCFieldDescriptor *f = &schema->descriptor->fields[index];
	const struct pb_field          *field = &schema->fields[index];
	ProtobufCMessage               *sub;
	int                             other = pbjson_field_oneof(m, f);

	if (field->message == NULL || field->presence == PB_REPEATED || field->presence == PB_MAP ||
	    pbjson_well_known_is_special(field->message))
		return NO_SUCH_FIELD;
	if (other != PBJSON_NO_FIELD && other != (int)index)
		return pbjson_reader_fail(r, "is given twice");
	sub = pbjson_field_message(m, f);
	if (sub == NULL)
		sub = pbjson_field_new_message(r->arena, field->message->descriptor);
	if (sub == NULL)
		return pbjson_reader_fail_full(r);
	TRY(set_at(r, field->message, sub, path, text));
	*(ProtobufCMessage **)pbjson_field_at(m, f) = sub;
	pbjson_field_mark(m, f);
	return STATUS_OK;
}

static status set_at(struct pbjson_reader *r, const struct pb_message *schema, ProtobufCMessage *m,
                     str path, str text)
{
	struct pbjson_path here = {.up = r->path};
	str                name = path, below = {0};
	bool               is_leaf = !str_cut(path, '.', &name, &below);
	int                index = pbjson_field_find(schema, name, 0);
	status             st;

	/* Depth: a message may contain itself, and the path is the caller's. */
	if (index == PBJSON_NO_FIELD || r->scan.depth == PBJSON_MAX_DEPTH)
		return NO_SUCH_FIELD;
	r->scan.depth++;
	if (is_leaf && !has_text(&schema->fields[index]))
		return NO_SUCH_FIELD;
	here.name = str_c(schema->fields[index].name);
	r->path = &here;
	st = is_leaf ? set_leaf(r, schema, m, (unsigned)index, text)
	             : set_below(r, schema, m, (unsigned)index, below, text);
	r->path = here.up;
	return st;
}

status pbjson_set_text(struct arena *a, const struct pb_message *schema, ProtobufCMessage *m,
                       str path, str text, struct pbjson_error *out_error)
{
	struct pbjson_reader r = {.arena = a, .error = out_error};

	return set_at(&r, schema, m, path, text);
}
