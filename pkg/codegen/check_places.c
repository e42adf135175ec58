#include "codegen/check.h"

/* A field that is always there, of a type. */
static bool has_field(const struct codegen_message *m, str name, int type)
{
	const struct codegen_field *f = codegen_model_field(m, name);

	return f && f->presence == CODEGEN_IMPLICIT && (int)f->proto->type == type;
}

static bool is_place(const struct codegen_message *m)
{
	return has_field(m, STR("id"), CODEGEN_TYPE(INT64)) &&
	       has_field(m, STR("lat"), CODEGEN_TYPE(DOUBLE)) &&
	       has_field(m, STR("lon"), CODEGEN_TYPE(DOUBLE));
}

static bool is_list_of_places(const struct codegen_field *f)
{
	return f && f->presence == CODEGEN_REPEATED && f->message && is_place(f->message);
}

void codegen_check_places(const struct codegen_method *m, struct codegen_report *r)
{
	if (m->options->envelope != CODEGEN_ENVELOPE(BARE))
		codegen_report_refuse(r, m->full_name, "places have no envelope");
	if (m->n_routes == 0)
		codegen_report_refuse(r, m->full_name, "lists_places is for routes");
	for (size_t i = 0; i < m->n_routes; i++) {
		const struct codegen_route *route = &m->routes[i];

		if (!is_list_of_places(
		            codegen_model_field(m->response, str_c(route->response_body))))
			codegen_report_refuse(r, m->full_name,
			                      "response_body \"%s\" is no list of messages with "
			                      "int64 id, double lat and double lon",
			                      route->response_body);
	}
}
