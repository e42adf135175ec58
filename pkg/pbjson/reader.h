/*
 * pbjson/reader.h - what the reading files share: the text, the arena, where one is, how to fail.
 */
#ifndef PBJSON_READER_H
#define PBJSON_READER_H

#include "base/arena.h"
#include "base/status.h"
#include "pbjson/pbjson.h"
#include "pbjson/scan.h"

/* A step of the path to the value being read; lives on the stack of who reads it. */
struct pbjson_path {
	const struct pbjson_path *up;
	str                       name;  /* ptr NULL: an item of a list */
	size_t                    index; /* of the item */
};

struct pbjson_reader {
	struct arena             *arena;
	struct pbjson_scan        scan;
	const struct pbjson_path *path; /* innermost step; NULL: the whole */
	struct pbjson_error      *error;
};

/* Fills the error with the path so far; INVALID_ARGUMENT. The reason follows the field's name. */
must_check status pbjson_reader_fail(struct pbjson_reader *r, const char *reason)
        __attribute__((cold));

/* The same for a fault of the scanner. */
must_check status pbjson_reader_fail_syntax(struct pbjson_reader *r) __attribute__((cold));

/* RESOURCE_EXHAUSTED: the arena's ceiling. */
must_check status pbjson_reader_fail_full(struct pbjson_reader *r) __attribute__((cold));

/* The value that comes next is of this kind; fails with the reason if it is of another. */
must_check status pbjson_reader_expect(struct pbjson_reader *r, enum pbjson_kind kind,
                                       const char *reason);

/* Takes a string; a slice of the JSON text, or of the arena if it had escapes. */
must_check status pbjson_reader_text(struct pbjson_reader *r, str *out_text);

/* The same slice for a string that was taken already: a key. */
must_check status pbjson_reader_unescape(struct pbjson_reader *r, struct pbjson_string s,
                                         str *out_text);

/* A NUL-terminated copy of n bytes of text. */
must_check status pbjson_reader_copy(struct pbjson_reader *r, str text, char **out_copy);

/* Takes a whole value unread. */
must_check status pbjson_reader_skip(struct pbjson_reader *r);

#endif
