/*
 * runtime/address.h - where the services of the product are, as this process knows it.
 */
#ifndef RUNTIME_ADDRESS_H
#define RUNTIME_ADDRESS_H

#include "base/status.h"

struct rpc_client;
struct rpc_server;

/* A list of them ends with a service of NULL. */
struct runtime_address {
	const char *service; /* "users" */
	const char *urls;    /* of its replicas, separated by commas */
	const char *events;  /* where they publish; "": not heard from here */
};

/* Where a service listens, each a list separated by commas. */
struct runtime_listen {
	const char *rpc;
	const char *events, *public_events; /* "": nobody outside hears them */
};

/* Links the client to every replica of the service. NOT_FOUND when the list does not name it. */
must_check status runtime_address_link(const struct runtime_address *all, const char *service,
                                       struct rpc_client *client);

/* The entry of a service; NULL when the list does not name it. */
const struct runtime_address *runtime_address_find(const struct runtime_address *all,
                                                   const char                   *service);

/* Lets the server listen at each of the addresses, separated by commas. */
must_check status runtime_address_listen(const char *urls, struct rpc_server *server);

#endif
