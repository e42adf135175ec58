/*
 * RFC 7946. A place is a field called lat and one called lon, in degrees; the generator has seen to
 * it that they are there (codegen/check_places.c). What else the message has are its properties.
 */
#include "pbjson/print.h"

#include "pbjson/field.h"
#include "pbjson/number.h"

#include <assert.h>
#include <math.h>

enum { ID, LAT, LON, N_OWN };

static double degrees(struct pbjson_printer *p, const ProtobufCMessage *m,
                      const struct pb_message *schema, int index)
{
	double v = *(const double *)pbjson_print_slot(m, schema, (unsigned)index);

	if (!isfinite(v))
		p->fault = "a place that is nowhere";
	return v;
}

/* Section 3.2. A position is longitude first (3.1.1). */
static void print_feature(struct pbjson_printer *p, const ProtobufCMessage *m,
                          const struct pb_message *schema, const int *own)
{
	buf_put(p->out, STR("{\"type\":\"Feature\",\"id\":"));
	pbjson_print_item(p, schema, (unsigned)own[ID],
	                  pbjson_print_slot(m, schema, (unsigned)own[ID]));
	buf_put(p->out, STR(",\"geometry\":{\"type\":\"Point\",\"coordinates\":["));
	pbjson_number_print_double(p->out, degrees(p, m, schema, own[LON]));
	buf_put_c(p->out, ',');
	pbjson_number_print_double(p->out, degrees(p, m, schema, own[LAT]));
	buf_put(p->out, STR("]},\"properties\":"));
	pbjson_print_object(p, m, schema, own, N_OWN);
	buf_put_c(p->out, '}');
}

/* Section 3.3. */
static void print_collection(struct pbjson_printer *p, const ProtobufCMessage *m,
                             const struct pb_message *schema, unsigned list)
{
	const ProtobufCFieldDescriptor *f = &schema->descriptor->fields[list];
	const struct pb_message        *item = schema->fields[list].message;
	ProtobufCMessage *const        *items =
	        *(ProtobufCMessage *const *const *)pbjson_print_slot(m, schema, list);
	size_t    count = *pbjson_field_count(m, f);
	const int own[N_OWN] = {
	        [ID] = pbjson_field_find(item, STR("id"), 0),
	        [LAT] = pbjson_field_find(item, STR("lat"), 0),
	        [LON] = pbjson_field_find(item, STR("lon"), 0),
	};

	assert(own[ID] != PBJSON_NO_FIELD && own[LAT] != PBJSON_NO_FIELD &&
	       own[LON] != PBJSON_NO_FIELD);
	buf_put(p->out, STR("{\"type\":\"FeatureCollection\",\"features\":["));
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_put_c(p->out, ',');
		print_feature(p, items[i], item, own);
	}
	buf_put(p->out, STR("]}"));
}

status pbjson_print_places(struct buf *out, const ProtobufCMessage *m,
                           const struct pb_message *schema, const char *field_name,
                           const struct pbjson_options *options)
{
	struct pbjson_printer p = {.out = out, .options = options};
	size_t                start = out->len;
	int                   list = pbjson_field_find(schema, str_c(field_name), 0);

	if (list == PBJSON_NO_FIELD)
		return status_error(CODE_INTERNAL, "no such field");
	print_collection(&p, m, schema, (unsigned)list);
	return pbjson_print_finish(&p, start);
}
