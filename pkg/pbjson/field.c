#include "pbjson/field.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

static bool is_name(const char *name, str s)
{
	return strncmp(name, s.ptr, s.len) == 0 && name[s.len] == '\0';
}

static bool is_field(const struct pb_field *f, str name)
{
	if (is_name(f->name, name) || is_name(f->json_name, name))
		return true;
	for (const char *const *alias = f->aliases; alias && *alias; alias++)
		if (is_name(*alias, name))
			return true;
	return false;
}

int pbjson_field_find(const struct pb_message *schema, str name, unsigned hint)
{
	unsigned n = schema->descriptor->n_fields;

	if (name.len == 0)
		return PBJSON_NO_FIELD;
	for (unsigned i = 0; i < n; i++) {
		unsigned index = (hint + i) % n;

		if (is_field(&schema->fields[index], name))
			return (int)index;
	}
	return PBJSON_NO_FIELD;
}

bool pbjson_field_is_inline(const struct pb_message *schema)
{
	return schema->descriptor->n_fields == 1 && schema->fields[0].presence == PB_REPEATED &&
	       schema->fields[0].rules && schema->fields[0].rules->is_inline;
}

bool pbjson_field_takes_null(const struct pb_field *f)
{
	return f->message && f->message->well_known == PB_VALUE;
}

void *pbjson_field_at(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	return (char *)(uintptr_t)m + f->offset;
}

static void *quantifier_at(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	return (char *)(uintptr_t)m + f->quantifier_offset;
}

size_t *pbjson_field_count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	return quantifier_at(m, f);
}

size_t pbjson_field_size(const ProtobufCFieldDescriptor *f)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_ENUM:
		return 4;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return 8;
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		break;
	}
	return sizeof(void *);
}

static bool is_in_oneof(const ProtobufCFieldDescriptor *f)
{
	return (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

int pbjson_field_oneof(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	const ProtobufCFieldDescriptor *set;
	uint32_t                        id;

	if (!is_in_oneof(f))
		return PBJSON_NO_FIELD;
	memcpy(&id, quantifier_at(m, f), sizeof id);
	set = id ? protobuf_c_message_descriptor_get_field(m->descriptor, id) : NULL;
	return set ? (int)(set - m->descriptor->fields) : PBJSON_NO_FIELD;
}

void pbjson_field_mark(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	if (is_in_oneof(f))
		memcpy(quantifier_at(m, f), &f->id, sizeof f->id);
}

ProtobufCMessage *pbjson_field_message(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	assert(f->type == PROTOBUF_C_TYPE_MESSAGE);
	if (is_in_oneof(f) && pbjson_field_oneof(m, f) != (int)(f - m->descriptor->fields))
		return NULL;
	return *(ProtobufCMessage **)pbjson_field_at(m, f);
}

/* Room is 4, 8, 16 ...: the count alone says when a list is full. */
static bool is_full(size_t count)
{
	return count == 0 || (count >= 4 && (count & (count - 1)) == 0);
}

void *pbjson_field_append(struct arena *a, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	size_t  size = pbjson_field_size(f);
	size_t *count = pbjson_field_count(m, f);
	char  **items = pbjson_field_at(m, f);

	if (is_full(*count)) {
		char *more = arena_try_alloc(a, (*count ? *count * 2 : 4) * size);

		if (more == NULL)
			return NULL;
		if (*count)
			memcpy(more, *items, *count * size);
		*items = more;
	}
	return memset(*items + (*count)++ * size, 0, size);
}

ProtobufCMessage *pbjson_field_new_message(struct arena *a, const ProtobufCMessageDescriptor *d)
{
	ProtobufCMessage *m = arena_try_alloc(a, d->sizeof_message);

	if (m)
		protobuf_c_message_init(d, m);
	return m;
}
