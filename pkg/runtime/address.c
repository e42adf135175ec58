#include "runtime/address.h"

#include "base/str.h"
#include "rpc/client.h"
#include "rpc/server.h"

#include <string.h>

/* Takes the next of the list; false when there is none. */
static bool next_url(str *rest, str *out_url)
{
	while (rest->len > 0) {
		str one = *rest;

		if (!str_cut(*rest, ',', &one, rest))
			*rest = (str){0};
		*out_url = str_trim(one);
		if (out_url->len > 0)
			return true;
	}
	return false;
}

status runtime_address_link(const struct runtime_address *all, const char *service,
                            struct rpc_client *client)
{
	str rest, url;

	for (; all->service; all++) {
		if (strcmp(all->service, service) != 0)
			continue;
		rest = str_c(all->urls);
		while (next_url(&rest, &url))
			TRY(rpc_client_add(client, url));
		return STATUS_OK;
	}
	return status_error(CODE_NOT_FOUND, "no address of a service that is needed");
}

status runtime_address_listen(const char *urls, struct rpc_server *server)
{
	str rest = str_c(urls), url;

	while (next_url(&rest, &url))
		TRY(rpc_server_listen(server, url));
	return STATUS_OK;
}
