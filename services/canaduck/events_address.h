/*
 * canaduck/events_address.h - where events are published, unless it is said: beside the RPCs.
 *
 *   inproc://users         inproc://users.events
 *   ipc:///run/users.sock  ipc:///run/users.events, for the public ipc:///run/users.events.public
 *
 * Of a port nothing follows: those addresses must be given.
 */
#ifndef SERVICES_CANADUCK_EVENTS_ADDRESS_H
#define SERVICES_CANADUCK_EVENTS_ADDRESS_H

#include "base/arena.h"

/* Addresses of events, or of public ones, for those of RPCs; separated by commas, maybe none. */
char *events_address_of(struct arena *a, const char *rpc_urls);
char *events_address_of_public(struct arena *a, const char *rpc_urls);

#endif
