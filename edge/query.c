#include "edge/internal.h"

#include "pbjson/pbjson.h"

enum { MAX_PARAMETERS = 256 };

/* google/api/http.proto: the query holds what the path leaves over. */
static bool is_in_path(const struct edge_exchange *ex, str name)
{
	for (unsigned i = 0; i < ex->match.n_variables; i++)
		if (str_eq(ex->match.variables[i].name, name))
			return true;
	return false;
}

static status set(struct edge_exchange *ex, const struct pb_message *schema,
                  ProtobufCMessage *request, str raw_name, str raw_value)
{
	struct arena       *a = &ex->call.arena;
	struct pbjson_error error;
	str                 name, value;
	status              st;

	TRY(httprule_decode(raw_name, true, a, &name));
	TRY(httprule_decode(raw_value, true, a, &value));
	if (is_in_path(ex, name))
		return STATUS_OK;
	st = pbjson_set_text(a, schema, request, name, value, &error);
	if (st.code == CODE_NOT_FOUND)
		return STATUS_OK; /* clients add parameters of their own */
	if (st.code == CODE_INVALID_ARGUMENT)
		return rpc_call_refuse(&ex->call, CODE_INVALID_ARGUMENT, error.field, error.reason);
	return st;
}

status edge_query_decode(struct edge_exchange *ex, const struct pb_message *schema,
                         ProtobufCMessage *request)
{
	str rest = ex->query, pair;

	for (int i = 0; str_next(&rest, '&', &pair); i++) {
		str name = pair, value = {0};

		if (i == MAX_PARAMETERS)
			return status_error(CODE_INVALID_ARGUMENT, "too many query parameters");
		(void)str_cut(pair, '=', &name, &value);
		TRY(set(ex, schema, request, name, value));
	}
	return STATUS_OK;
}
