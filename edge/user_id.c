#include "edge/user_id.h"

#include "edge/respond.h"

bool edge_user_id_is_fine(struct edge_exchange *ex)
{
	str     header = edge_exchange_header(ex, "x-user-id");
	int64_t id;

	if (header.len == 0)
		return true;
	if (!str_to_i64(str_trim(header), &id))
		edge_respond_error(
		        ex, status_error(CODE_INVALID_ARGUMENT, "X-User-ID must be a number"), 400);
	else if (id != ex->call.who.account_id)
		edge_respond_error(ex,
		                   status_error(CODE_PERMISSION_DENIED,
		                                "X-User-ID is another account than the token's"),
		                   0);
	else
		return true;
	return false;
}
