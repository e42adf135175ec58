/*
 * httprule/decode.h - percent decoding, as each part of a URL wants it. Private to the module.
 */
#ifndef HTTPRULE_DECODE_H
#define HTTPRULE_DECODE_H

#include "httprule/httprule.h"

enum httprule_decoding {
	HTTPRULE_DECODE_SEGMENT,
	HTTPRULE_DECODE_QUERY, /* '+' is a space */
	HTTPRULE_DECODE_REST,  /* several segments: %2F stays, so that it is no separator */
};

/* Decodes into the arena, NUL-terminated; INVALID_ARGUMENT as in httprule_decode(). */
must_check status httprule_decode_as(str raw, enum httprule_decoding how, struct arena *a,
                                     str *out_text);

#endif
