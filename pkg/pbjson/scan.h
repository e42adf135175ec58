/*
 * pbjson/scan.h - a strict pull scanner over one JSON text (RFC 8259).
 *
 * The caller asks for what comes next and takes it; nothing is built. Refused: bad
 * UTF-8, a byte order mark, unpaired surrogates, U+0000, control characters in
 * strings, more than PBJSON_MAX_DEPTH levels, anything after the value.
 *
 * Memory: slices point into the text.
 * Errors: sticky. Once `fault` is set everything returns false; check it after a loop.
 */
#ifndef PBJSON_SCAN_H
#define PBJSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { PBJSON_MAX_DEPTH = 32 };

enum pbjson_kind {
	PBJSON_NOTHING, /* a fault */
	PBJSON_OBJECT,
	PBJSON_ARRAY,
	PBJSON_STRING,
	PBJSON_NUMBER,
	PBJSON_TRUE,
	PBJSON_FALSE,
	PBJSON_NULL,
};

struct pbjson_scan {
	str         text;
	size_t      at;       /* next byte; after a fault, the byte at fault */
	unsigned    depth;    /* containers entered */
	bool        is_first; /* entered one, and no item or key taken yet */
	const char *fault;    /* NULL while all is well; static */
};

/* A string as it stands between its quotes; checked. */
struct pbjson_string {
	str  raw;
	bool has_escapes;
};

void pbjson_scan_init(struct pbjson_scan *s, str text);

/* The kind of the value that comes next, judged by its first byte; nothing is taken. */
enum pbjson_kind pbjson_scan_peek(struct pbjson_scan *s);

/* Takes '{' or '[', which peek saw. */
bool pbjson_scan_enter(struct pbjson_scan *s);

/* Goes to the next item of a list, or takes ']' and returns false. Take the item before the next.
 */
bool pbjson_scan_next_item(struct pbjson_scan *s);

/* Takes the next key of an object and its ':', or takes '}' and returns false. */
bool pbjson_scan_next_key(struct pbjson_scan *s, struct pbjson_string *out_key);

/* Take what peek saw: a string, a number as text, or true, false, null. */
bool pbjson_scan_string(struct pbjson_scan *s, struct pbjson_string *out);
bool pbjson_scan_number(struct pbjson_scan *s, str *out);
bool pbjson_scan_literal(struct pbjson_scan *s);

/* Takes a whole value, whatever it is. */
bool pbjson_scan_skip(struct pbjson_scan *s);

/* Nothing but white space is left. */
bool pbjson_scan_end(struct pbjson_scan *s);

/* Writes the string without its escapes: at most raw.len bytes into out; returns how many. */
size_t pbjson_scan_unescape(struct pbjson_string s, char *out);

#endif
