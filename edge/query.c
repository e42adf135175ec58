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

/* The rule in_query: such a field is read from the query whatever the body is. */
static bool is_for_query(const struct pb_message *schema, str name)
{
	for (unsigned i = 0; i < schema->descriptor->n_fields; i++) {
		const struct pb_field *f = &schema->fields[i];

		if (str_eq(str_c(f->name), name) || str_eq(str_c(f->json_name), name))
			return f->rules && f->rules->is_in_query;
	}
	return false;
}

/* google/api/http.proto: with body "*" nothing is left for the query. */
static bool is_all_in_body(const struct edge_exchange *ex)
{
	const char *body = ex->route->binding->body;

	return body && str_eq(str_c(body), STR("*"));
}

bool edge_query_find(struct edge_exchange *ex, str name, str *out_value)
{
	struct arena *a = &ex->call.arena;
	str           rest = ex->query, pair, key, value;

	while (str_next(&rest, '&', &pair))
		if (str_cut(pair, '=', &key, &value) && str_eq(key, name))
			return httprule_decode(value, true, a, out_value).code == CODE_OK;
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
	if (is_in_path(ex, name) || (is_all_in_body(ex) && !is_for_query(schema, name)))
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
