#include "codegen/check.h"

static void check_comment(const char *full_name, const char *comment, const char *what,
                          struct codegen_report *r)
{
	if (!comment)
		codegen_report_refuse(r, full_name, "%s without a comment", what);
}

static void check_enum(const struct codegen_enum *e, struct codegen_report *r)
{
	check_comment(e->full_name, e->comment, "an enum", r);
	for (size_t i = 0; i < e->n_values; i++) {
		const struct codegen_enum_value *v = &e->values[i];

		check_comment(v->full_name, v->comment, "an enum value", r);
		if (v->number == 0 && !str_ends(str_c(v->name), STR("_UNSPECIFIED")))
			codegen_report_refuse(r, v->full_name,
			                      "the zero value of an enum must end in _UNSPECIFIED");
	}
}

static void check_message(const struct codegen_message *m, struct codegen_report *r)
{
	if (m->is_map_entry)
		return;
	check_comment(m->full_name, m->comment, "a message", r);
	for (size_t i = 0; i < m->n_fields; i++) {
		const struct codegen_field *f = &m->fields[i];

		check_comment(f->full_name, f->comment, "a field", r);
		if (f->rules)
			codegen_check_rules(m, f, r);
	}
}

static void check_method(const struct codegen_method *m, struct codegen_report *r)
{
	check_comment(m->full_name, m->comment, "an RPC", r);
	if (m->proto->client_streaming || m->proto->server_streaming)
		codegen_report_refuse(r, m->full_name, "streaming RPCs are not supported");
	if (!m->options || m->options->auth == CODEGEN_AUTH(AUTH_UNSPECIFIED)) {
		codegen_report_refuse(r, m->full_name,
		                      "no option (canaduck.api.v1.method).auth says who may call");
		return;
	}
	if (m->options->status != 0 && (m->options->status < 200 || m->options->status > 299))
		codegen_report_refuse(r, m->full_name, "status %u is no success",
		                      m->options->status);
	if (m->options->lists_places)
		codegen_check_places(m, r);
}

static void check_service(const struct codegen_service *s, struct codegen_report *r)
{
	check_comment(s->full_name, s->comment, "a service", r);
	for (size_t i = 0; i < s->n_methods; i++)
		check_method(&s->methods[i], r);
}

bool codegen_check_applies(const struct codegen_file *f)
{
	str package = str_c(f->package);

	return f->is_generated && !str_starts(package, STR("google.")) &&
	       !str_starts(package, STR("canaduck.api."));
}

void codegen_check_model(const struct codegen_model *model, struct codegen_report *r)
{
	for (size_t i = 0; i < model->n_files; i++) {
		const struct codegen_file *f = &model->files[i];

		if (!codegen_check_applies(f))
			continue;
		r->file = f;
		for (size_t k = 0; k < f->n_services; k++)
			check_service(&f->services[k], r);
		for (size_t k = 0; k < f->n_messages; k++)
			check_message(&f->messages[k], r);
		for (size_t k = 0; k < f->n_enums; k++)
			check_enum(&f->enums[k], r);
	}
	codegen_check_routes(model, r);
	codegen_check_names(model, r);
}
