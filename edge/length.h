/*
 * edge/length.h - request smuggling: a head that gives the length of its body twice.
 */
#ifndef EDGE_LENGTH_H
#define EDGE_LENGTH_H

#include <stdbool.h>

#include "base/str.h"

/*
 * The head of an HTTP/1 request, as it came, has more than one of Content-Length and
 * Transfer-Encoding. RFC 9112 6.1 and 6.3: such a message ought to be handled as an error; h2o
 * picks one and hides both.
 */
bool edge_length_is_ambiguous(str head);

#endif
