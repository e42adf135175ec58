/*
 * edge/accept.h - which of several forms of an answer a client wants (RFC 9110 12.5.1).
 */
#ifndef EDGE_ACCEPT_H
#define EDGE_ACCEPT_H

#include "base/str.h"

/* Media ranges of a header that are looked at; further ones do not count. */
enum { EDGE_ACCEPT_MAX_RANGES = 64 };

/*
 * Index of the form to answer in: the one that `accept`, the value of Accept, gives the greatest
 * weight. Among equals the one that is named most exactly, then the one named first, then the first
 * of `forms`. forms[0] is also the answer to no header, to one that makes no sense and to one that
 * takes none of the forms: whoever asked gets something to read rather than a 406.
 *
 * forms: media types in lower case, such as "application/json". Parameters of a range but its
 * weight are read over, a range that is malformed is left out.
 */
unsigned edge_accept_choose(str accept, const str *forms, unsigned n);

#endif
