#include "runtime/address.h"

#include "base/str.h"
#include "rpc/client.h"
#include "rpc/server.h"

#include <string.h>

const struct runtime_address *runtime_address_find(const struct runtime_address *all,
                                                   const char                   *service)
{
	for (; all->service; all++)
		if (strcmp(all->service, service) == 0)
			return all;
	return NULL;
}

status runtime_address_link(const struct runtime_address *all, const char *service,
                            struct rpc_client *client)
{
	str rest, url;

	all = runtime_address_find(all, service);
	if (all == NULL)
		return status_error(CODE_NOT_FOUND, "no address of a service that is needed");
	rest = str_c(all->urls);
	while (str_next(&rest, ',', &url))
		TRY(rpc_client_add(client, str_trim(url)));
	return STATUS_OK;
}

status runtime_address_listen(const char *urls, struct rpc_server *server)
{
	str rest = str_c(urls), url;

	while (str_next(&rest, ',', &url))
		TRY(rpc_server_listen(server, str_trim(url)));
	return STATUS_OK;
}
