#include "test/unit/pb/sample_schema.h"

/* A latitude and a longitude are always checked: the rules that nested paths are shown by. */
static const struct pb_rules lat_rules = {.has_min = true, .has_max = true, .min = -90, .max = 90};
static const struct pb_rules lon_rules = {
        .has_min = true, .has_max = true, .min = -180, .max = 180};

static const struct pb_field point_fields[] = {
        {"lat", "lat", NULL, PB_IMPLICIT, NULL, &lat_rules},
        {"lon", "lon", NULL, PB_IMPLICIT, NULL, &lon_rules},
};
static const struct pb_message point_message = {&canaduck__test__point__descriptor, point_fields,
                                                PB_ORDINARY};

static const struct pb_field places_fields[] = {
        {"key", "key", NULL, PB_IMPLICIT, NULL, NULL},
        {"value", "value", NULL, PB_MESSAGE, &point_message, NULL},
};
static const struct pb_message places_message = {&canaduck__test__sample__places_entry__descriptor,
                                                 places_fields, PB_ORDINARY};

static const struct pb_field labels_fields[] = {
        {"key", "key", NULL, PB_IMPLICIT, NULL, NULL},
        {"value", "value", NULL, PB_IMPLICIT, NULL, NULL},
};
static const struct pb_message labels_message = {&canaduck__test__sample__labels_entry__descriptor,
                                                 labels_fields, PB_ORDINARY};

static enum pb_presence presence_of(enum sample_field i)
{
	switch (i) {
	case SAMPLE_POINT:
	case SAMPLE_SELF:
		return PB_MESSAGE;
	case SAMPLE_AGE:
	case SAMPLE_NICK:
		return PB_OPTIONAL;
	case SAMPLE_WORD:
	case SAMPLE_PLACE:
	case SAMPLE_YES:
	case SAMPLE_RAW:
		return PB_ONEOF;
	case SAMPLE_PLACES:
	case SAMPLE_LABELS:
		return PB_MAP;
	case SAMPLE_NAMES:
	case SAMPLE_POINTS:
	case SAMPLE_NUMBERS:
	case SAMPLE_FLAGS:
	case SAMPLE_WORDS:
	case SAMPLE_BLOBS:
	case SAMPLE_LOOSE:
		return PB_REPEATED;
	default:
		return PB_IMPLICIT;
	}
}

static const struct pb_message *message_of(struct sample_schema *s, enum sample_field i)
{
	switch (i) {
	case SAMPLE_POINT:
	case SAMPLE_PLACE:
	case SAMPLE_POINTS:
		return &point_message;
	case SAMPLE_PLACES:
		return &places_message;
	case SAMPLE_LABELS:
		return &labels_message;
	case SAMPLE_SELF:
		return &s->message;
	default:
		return NULL;
	}
}

void sample_schema_init(struct sample_schema *s)
{
	const ProtobufCMessageDescriptor *d = &canaduck__test__sample__descriptor;

	*s = (struct sample_schema){.message = {d, s->fields, PB_ORDINARY}};
	for (enum sample_field i = 0; i < SAMPLE_FIELDS; i++)
		s->fields[i] = (struct pb_field){
		        .name = d->fields[i].name,
		        .json_name = d->fields[i].name,
		        .presence = presence_of(i),
		        .message = message_of(s, i),
		        .rules = &s->rules[i],
		};
}
