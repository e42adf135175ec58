#include "pbjson/print.h"

#include "base/rfc3339.h"
#include "pbjson/duration.h"
#include "pbjson/field.h"

#include <math.h>
#include <string.h>

/* Fields of google.protobuf.Value, in the order of their numbers. */
enum { VALUE_NULL = 0, VALUE_NUMBER = 1 };

static void fail(struct pbjson_printer *p, const char *fault)
{
	if (p->fault == NULL)
		p->fault = fault;
}

typedef bool print_time_fn(struct buf *out, int64_t seconds, int32_t nanos);

/* Timestamp and Duration: int64 seconds = 1, int32 nanos = 2. */
static void print_time(struct pbjson_printer *p, const ProtobufCMessage *m,
                       const struct pb_message *schema, print_time_fn *print_as)
{
	int64_t seconds = *(const int64_t *)pbjson_print_slot(m, schema, 0);
	int32_t nanos = *(const int32_t *)pbjson_print_slot(m, schema, 1);

	buf_put_c(p->out, '"');
	if (!print_as(p->out, seconds, nanos))
		fail(p, "a time is out of range");
	buf_put_c(p->out, '"');
}

/* "home_address" as "homeAddress"; what does not come back from there has no JSON. */
static void print_lower_camel(struct pbjson_printer *p, const char *path)
{
	for (const char *c = path; *c; c++) {
		if (*c == '_' && c[1] >= 'a' && c[1] <= 'z') {
			buf_put_c(p->out, (char)(c[1] - 'a' + 'A'));
			c++;
		} else if (*c == '_' || (*c >= 'A' && *c <= 'Z')) {
			fail(p, "a field mask is not of fields");
		} else {
			buf_put_c(p->out, *c);
		}
	}
}

static void print_mask(struct pbjson_printer *p, const ProtobufCMessage *m,
                       const struct pb_message *schema)
{
	size_t       n = m ? *pbjson_field_count(m, schema->descriptor->fields) : 0;
	char *const *paths = *(char *const *const *)pbjson_print_slot(m, schema, 0);

	buf_put_c(p->out, '"');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_put_c(p->out, ',');
		if (strpbrk(paths[i], "\"\\,"))
			fail(p, "a field mask is not of fields");
		else if (p->options->use_proto_names)
			buf_put(p->out, str_c(paths[i]));
		else
			print_lower_camel(p, paths[i]);
	}
	buf_put_c(p->out, '"');
}

static void print_value(struct pbjson_printer *p, const ProtobufCMessage *m,
                        const struct pb_message *schema)
{
	int         kind = m ? pbjson_field_oneof(m, schema->descriptor->fields) : VALUE_NULL;
	const void *slot;

	if (kind == VALUE_NULL || kind == PBJSON_NO_FIELD) {
		buf_put(p->out, STR("null"));
		return;
	}
	slot = pbjson_print_slot(m, schema, (unsigned)kind);
	if (kind == VALUE_NUMBER && !isfinite(*(const double *)slot))
		fail(p, "a value is no finite number");
	pbjson_print_item(p, schema, (unsigned)kind, slot);
}

void pbjson_print_well_known(struct pbjson_printer *p, const ProtobufCMessage *m,
                             const struct pb_message *schema)
{
	switch (schema->well_known) {
	case PB_TIMESTAMP:
		print_time(p, m, schema, rfc3339_print);
		return;
	case PB_DURATION:
		print_time(p, m, schema, pbjson_duration_print);
		return;
	case PB_FIELD_MASK:
		print_mask(p, m, schema);
		return;
	case PB_STRUCT:
		pbjson_print_map(p, m, schema, 0);
		return;
	case PB_LIST_VALUE:
		pbjson_print_list(p, m, schema, 0);
		return;
	case PB_VALUE:
		print_value(p, m, schema);
		return;
	case PB_WRAPPER:
		pbjson_print_item(p, schema, 0, pbjson_print_slot(m, schema, 0));
		return;
	case PB_ORDINARY:
	case PB_EMPTY:
		return;
	}
}
