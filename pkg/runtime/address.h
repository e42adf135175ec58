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
};

/* Links the client to every replica of the service. NOT_FOUND when the list does not name it. */
must_check status runtime_address_link(const struct runtime_address *all, const char *service,
                                       struct rpc_client *client);

/* Lets the server listen at each of the addresses, separated by commas. */
must_check status runtime_address_listen(const char *urls, struct rpc_server *server);

#endif
