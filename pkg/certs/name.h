/*
 * certs/name.h - what a certificate may be for: a host's name or an address.
 */
#ifndef CERTS_NAME_H
#define CERTS_NAME_H

#include <stdbool.h>

#include "base/str.h"

enum { CERTS_MAX_NAME = 253 };

/* An IPv4 or IPv6 address in its text form, without brackets. */
bool certs_name_is_address(str name);

/*
 * An address, or a host's name: labels of letters, digits, '-' and '_', separated by dots; no
 * wildcard. Such a name is also safe as the name of a file.
 */
bool certs_name_is_valid(str name);

#endif
