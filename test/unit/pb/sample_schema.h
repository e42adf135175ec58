/*
 * unit/pb/sample_schema.h - the side tables of pb_sample.proto, as the generator would write them.
 */
#ifndef TEST_UNIT_PB_SAMPLE_SCHEMA_H
#define TEST_UNIT_PB_SAMPLE_SCHEMA_H

#include "pb/schema.h"
#include "pb_sample.pb-c.h"

enum sample_field {
	SAMPLE_NAME,
	SAMPLE_BLOB,
	SAMPLE_FLAG,
	SAMPLE_COLOR,
	SAMPLE_I32,
	SAMPLE_S32,
	SAMPLE_U32,
	SAMPLE_I64,
	SAMPLE_S64,
	SAMPLE_U64,
	SAMPLE_F32,
	SAMPLE_SF64,
	SAMPLE_REAL,
	SAMPLE_WIDE,
	SAMPLE_POINT,
	SAMPLE_AGE,
	SAMPLE_NICK,
	SAMPLE_WORD,
	SAMPLE_PLACE,
	SAMPLE_YES,
	SAMPLE_RAW,
	SAMPLE_NAMES,
	SAMPLE_POINTS,
	SAMPLE_NUMBERS,
	SAMPLE_FLAGS,
	SAMPLE_WORDS,
	SAMPLE_BLOBS,
	SAMPLE_PLACES,
	SAMPLE_LABELS,
	SAMPLE_SELF,
	SAMPLE_LOOSE,
	SAMPLE_FIELDS,
};

/* Fills the tables of a Sample without any rule; the caller sets rules[] as a test needs them. */
struct sample_schema {
	struct pb_field   fields[SAMPLE_FIELDS];
	struct pb_rules   rules[SAMPLE_FIELDS];
	struct pb_message message;
};
void sample_schema_init(struct sample_schema *s);

#endif
