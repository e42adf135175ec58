#include <string.h>

#include "codegen/check.h"
#include "httprule/httprule.h"

/* A route that passed, to compare later ones with. */
struct known_route {
	const struct codegen_method *method;
	const struct codegen_route  *route;
	struct httprule_template template;
};

struct known_routes {
	struct known_route *items;
	size_t              count;
};

/* A variable's dotted path must lead through messages to a single value. */
static const char *why_not_variable(const struct codegen_message *m, str path)
{
	for (;;) {
		str                         name = path;
		bool                        is_last = !str_cut(path, '.', &name, &path);
		const struct codegen_field *f = codegen_model_field(m, name);

		if (!f)
			return "is no field of the request";
		if (f->presence == CODEGEN_REPEATED || f->presence == CODEGEN_MAP)
			return "is a list";
		if (is_last)
			return f->message ? "is a message" : NULL;
		if (!f->message)
			return "leads through a field that is no message";
		m = f->message;
	}
}

static void check_variables(const struct codegen_method *m, const struct codegen_route *route,
                            const struct httprule_template *t, struct codegen_report *r)
{
	for (unsigned i = 0; i < t->n_segments; i++) {
		str         name = t->segments[i].text;
		const char *why;

		if (t->segments[i].kind == HTTPRULE_LITERAL)
			continue;
		why = why_not_variable(m->request, name);
		if (why)
			codegen_report_refuse(r, m->full_name, "%s: variable {%.*s} %s",
			                      route->path, STR_ARG(name), why);
		else if (str_eq(name, str_c(route->body)))
			codegen_report_refuse(r, m->full_name,
			                      "%s: {%.*s} is in the path and in the body",
			                      route->path, STR_ARG(name));
	}
}

static void check_bodies(const struct codegen_method *m, const struct codegen_route *route,
                         struct codegen_report *r)
{
	bool has_body = *route->body != '\0';

	if (has_body && strcmp(route->http_method, "GET") == 0)
		codegen_report_refuse(r, m->full_name, "%s: a GET has no body", route->path);
	if (has_body && strcmp(route->body, "*") != 0 &&
	    !codegen_model_field(m->request, str_c(route->body)))
		codegen_report_refuse(r, m->full_name, "%s: body \"%s\" is no field of the request",
		                      route->path, route->body);
	if (*route->response_body && !codegen_model_field(m->response, str_c(route->response_body)))
		codegen_report_refuse(r, m->full_name,
		                      "%s: response_body \"%s\" is no field of the response",
		                      route->path, route->response_body);
}

static void check_conflict(struct known_routes *known, const struct known_route *route,
                           struct codegen_report *r)
{
	for (size_t i = 0; i < known->count; i++) {
		const struct known_route *other = &known->items[i];

		if (strcmp(other->route->http_method, route->route->http_method) == 0 &&
		    httprule_is_same(&other->template, &route->template)) {
			codegen_report_refuse(r, route->method->full_name,
			                      "%s %s is also a route of %s",
			                      route->route->http_method, route->route->path,
			                      other->method->full_name);
			return;
		}
	}
	known->items[known->count++] = *route;
}

static void check_route(struct known_routes *known, const struct codegen_method *m,
                        const struct codegen_route *route, struct codegen_report *r)
{
	struct known_route checked = {.method = m, .route = route};
	status             st;

	if (!route->path) {
		codegen_report_refuse(r, m->full_name, "an http rule without method and path");
		return;
	}
	if (route->has_nested)
		codegen_report_refuse(r, m->full_name,
		                      "%s: an additional binding has bindings of its own",
		                      route->path);
	st = httprule_parse(str_c(route->path), r->a, &checked.template);
	if (st.code != CODE_OK) {
		codegen_report_refuse(r, m->full_name, "%s", st.msg);
		return;
	}
	check_variables(m, route, &checked.template, r);
	check_bodies(m, route, r);
	check_conflict(known, &checked, r);
}

static void check_service(struct known_routes *known, const struct codegen_service *s,
                          struct codegen_report *r)
{
	for (size_t i = 0; i < s->n_methods; i++)
		for (size_t k = 0; k < s->methods[i].n_routes; k++)
			check_route(known, &s->methods[i], &s->methods[i].routes[k], r);
}

static size_t count_routes(const struct codegen_model *model)
{
	size_t n = 0;

	for (size_t i = 0; i < model->n_files; i++)
		for (size_t k = 0; k < model->files[i].n_services; k++)
			for (size_t j = 0; j < model->files[i].services[k].n_methods; j++)
				n += model->files[i].services[k].methods[j].n_routes;
	return n;
}

void codegen_check_routes(const struct codegen_model *model, struct codegen_report *r)
{
	struct known_routes known = {0};

	known.items = arena_zalloc(r->a, count_routes(model) * sizeof *known.items);
	for (size_t i = 0; i < model->n_files; i++) {
		r->file = &model->files[i];
		for (size_t k = 0; codegen_check_applies(r->file) && k < r->file->n_services; k++)
			check_service(&known, &r->file->services[k], r);
	}
}
