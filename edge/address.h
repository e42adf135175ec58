/*
 * edge/address.h - which address a request really comes from, behind proxies.
 */
#ifndef EDGE_ADDRESS_H
#define EDGE_ADDRESS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * The peer's address, or, when that is one of the trusted ones (addresses or address/bits,
 * separated by commas), the last in X-Forwarded-For that is not. In the arena; empty when the peer
 * has none.
 */
str edge_address_choose(str peer, str forwarded_for, str trusted, struct arena *a);

/* Each of the list, separated by commas, is an address or address/bits. */
bool edge_address_are_networks(str list);

#endif
