#include "pbjson/parse.h"

#include "pbjson/field.h"
#include "pbjson/value.h"

#include <stdlib.h>
#include <string.h>

/* Fields of an entry, in the order of their numbers. */
enum { KEY, VALUE };

static status parse_entry(struct pbjson_reader *r, const struct pb_message *schema, str key,
                          ProtobufCMessage **out_entry)
{
	const ProtobufCFieldDescriptor *f = schema->descriptor->fields;
	ProtobufCMessage *entry = pbjson_field_new_message(r->arena, schema->descriptor);

	if (entry == NULL)
		return pbjson_reader_fail_full(r);
	TRY(pbjson_value_from_text(r, &f[KEY], key, pbjson_field_at(entry, &f[KEY])));
	if (pbjson_scan_peek(&r->scan) == PBJSON_NULL &&
	    !pbjson_field_takes_null(&schema->fields[VALUE]))
		return pbjson_reader_fail(r, "must not be null");
	TRY(pbjson_parse_item(r, schema, VALUE, pbjson_field_at(entry, &f[VALUE])));
	*out_entry = entry;
	return STATUS_OK;
}

/* An entry with what it is sorted by: its key's bytes, then its place. */
struct keyed {
	str               key;
	size_t            place;
	ProtobufCMessage *entry;
};

static int compare_keyed(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int                 order = str_compare(x->key, y->key);

	return order ? order : (x->place > y->place) - (x->place < y->place);
}

static str key_of(const ProtobufCMessage *entry)
{
	const ProtobufCFieldDescriptor *f = &entry->descriptor->fields[KEY];
	void                           *at = pbjson_field_at(entry, f);

	if (f->type == PROTOBUF_C_TYPE_STRING)
		return str_c(*(char **)at);
	return (str){at, pbjson_field_size(f)};
}

/*
 * Drops entries whose key comes again later, keeping the order. By sorting: a body of 1 MiB may
 * hold 100,000 keys, and comparing each with each would take minutes.
 */
static status drop_repeated(struct pbjson_reader *r, ProtobufCMessage **entries, size_t *count)
{
	struct keyed *sorted;
	size_t        n = *count, kept = 0;

	if (n < 2)
		return STATUS_OK;
	sorted = arena_try_alloc(r->arena, n * sizeof *sorted);
	if (sorted == NULL)
		return pbjson_reader_fail_full(r);
	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct keyed){key_of(entries[i]), i, entries[i]};
	qsort(sorted, n, sizeof *sorted, compare_keyed);
	for (size_t i = 0; i + 1 < n; i++)
		if (str_eq(sorted[i].key, sorted[i + 1].key))
			entries[sorted[i].place] = NULL;
	for (size_t i = 0; i < n; i++)
		if (entries[i])
			entries[kept++] = entries[i];
	*count = kept;
	return STATUS_OK;
}

status pbjson_map_parse(struct pbjson_reader *r, const struct pb_message *schema,
                        ProtobufCMessage *m, unsigned index)
{
	const ProtobufCFieldDescriptor *f = &schema->descriptor->fields[index];
	struct pbjson_path              here = {.up = r->path};
	struct pbjson_string            key;
	ProtobufCMessage              **slot;

	TRY(pbjson_reader_expect(r, PBJSON_OBJECT, "must be an object"));
	pbjson_scan_enter(&r->scan);
	while (pbjson_scan_next_key(&r->scan, &key)) {
		TRY(pbjson_reader_unescape(r, key, &here.name));
		r->path = &here;
		slot = pbjson_field_append(r->arena, m, f);
		if (slot == NULL)
			return pbjson_reader_fail_full(r);
		TRY(parse_entry(r, schema->fields[index].message, here.name, slot));
		r->path = here.up;
	}
	if (r->scan.fault)
		return pbjson_reader_fail_syntax(r);
	return drop_repeated(r, *(ProtobufCMessage ***)pbjson_field_at(m, f),
	                     pbjson_field_count(m, f));
}
