#include "codegen/model.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "codegen/comments.h"
#include "codegen/names.h"
#include "codegen/options.h"

/* Field numbers in descriptor.proto, for paths to comments. */
enum {
	FILE_MESSAGE = 4,
	FILE_ENUM = 5,
	FILE_SERVICE = 6,
	MESSAGE_FIELD = 2,
	MESSAGE_NESTED = 3,
	MESSAGE_ENUM = 4,
	ENUM_VALUE = 2,
	SERVICE_METHOD = 2,
};

/*
 * What is being built. First all messages and enums are listed, so that types are found, then
 * fields and services are read.
 */
struct builder {
	struct arena         *a;
	struct codegen_model *model;
	struct codegen_file  *file;
};

static size_t count_messages(const codegen_message_proto *m)
{
	size_t n = 1;

	for (size_t i = 0; i < m->n_nested_type; i++)
		n += count_messages(m->nested_type[i]);
	return n;
}

static size_t count_enums(const codegen_message_proto *m)
{
	size_t n = m->n_enum_type;

	for (size_t i = 0; i < m->n_nested_type; i++)
		n += count_enums(m->nested_type[i]);
	return n;
}

/* "users" and "Outer.Inner" -> "users_outer_inner". */
static const char *our_name(struct builder *b, const char *full_name)
{
	size_t skip = *b->file->package ? strlen(b->file->package) + 1 : 0;
	char  *name = arena_printf(b->a, "%s", full_name + skip);

	for (char *c = name; *c; c++)
		if (*c == '.')
			*c = '_';
	name = codegen_names_lower(b->a, name);
	/* "Outer_Inner" has its '_' and the one before the capital. */
	for (char *c = name; (c = strstr(c, "__"));)
		memmove(c, c + 1, strlen(c));
	return arena_printf(b->a, "%s_%s", b->file->prefix, name);
}

static const char *join(struct arena *a, const char *scope, const char *name)
{
	return *scope ? arena_printf(a, "%s.%s", scope, name) : name;
}

static void add_enum(struct builder *b, const codegen_enum_proto *proto, const char *scope,
                     struct codegen_path path)
{
	struct codegen_enum *e = &b->file->enums[b->file->n_enums++];
	const char          *c_upper;

	e->proto = proto;
	e->full_name = join(b->a, scope, proto->name);
	e->comment = codegen_comments_find(b->a, b->file->proto, &path);
	e->c_type = codegen_names_c_type(b->a, e->full_name);
	e->name = our_name(b, e->full_name);
	e->n_values = proto->n_value;
	e->values = arena_zalloc(b->a, e->n_values * sizeof *e->values);
	c_upper = codegen_names_upper(b->a, e->full_name);
	for (size_t i = 0; i < e->n_values; i++) {
		struct codegen_path        p = codegen_comments_path(path, ENUM_VALUE, i);
		struct codegen_enum_value *v = &e->values[i];

		v->name = proto->value[i]->name;
		v->full_name = join(b->a, e->full_name, v->name);
		v->comment = codegen_comments_find(b->a, b->file->proto, &p);
		v->c_name = arena_printf(b->a, "%s__%s", c_upper, v->name);
		v->constant = arena_printf(b->a, "%s_%s", b->file->prefix_upper, v->name);
		v->number = proto->value[i]->number;
	}
}

static void add_message(struct builder *b, const codegen_message_proto *proto, const char *scope,
                        struct codegen_path path)
{
	struct codegen_message *m = &b->file->messages[b->file->n_messages++];

	m->proto = proto;
	m->file = b->file;
	m->full_name = join(b->a, scope, proto->name);
	m->comment = codegen_comments_find(b->a, b->file->proto, &path);
	m->c_type = codegen_names_c_type(b->a, m->full_name);
	m->descriptor =
	        arena_printf(b->a, "%s__descriptor", codegen_names_lower(b->a, m->full_name));
	m->name = our_name(b, m->full_name);
	m->is_map_entry = proto->options && proto->options->map_entry;
	m->n_fields = proto->n_field;
	m->fields = arena_zalloc(b->a, m->n_fields * sizeof *m->fields);
	for (size_t i = 0; i < m->n_fields; i++) {
		struct codegen_path p = codegen_comments_path(path, MESSAGE_FIELD, i);

		m->fields[i].proto = proto->field[i];
		m->fields[i].comment = codegen_comments_find(b->a, b->file->proto, &p);
	}
	for (size_t i = 0; i < proto->n_enum_type; i++)
		add_enum(b, proto->enum_type[i], m->full_name,
		         codegen_comments_path(path, MESSAGE_ENUM, i));
	for (size_t i = 0; i < proto->n_nested_type; i++)
		add_message(b, proto->nested_type[i], m->full_name,
		            codegen_comments_path(path, MESSAGE_NESTED, i));
}

static void add_file(struct builder *b, const codegen_file_proto *proto)
{
	struct codegen_file *f = &b->model->files[b->model->n_files++];
	struct codegen_path  root = {.n_parts = 0};
	size_t               n_messages = 0, n_enums = proto->n_enum_type;
	str                  stem = str_c(proto->name);

	for (size_t i = 0; i < proto->n_message_type; i++) {
		n_messages += count_messages(proto->message_type[i]);
		n_enums += count_enums(proto->message_type[i]);
	}
	b->file = f;
	if (str_ends(stem, STR(".proto")))
		stem.len -= strlen(".proto");
	f->proto = proto;
	f->path = proto->name;
	f->stem = arena_cstr(b->a, stem);
	f->package = proto->package ? proto->package : "";
	f->prefix = codegen_names_prefix(b->a, f->package);
	f->prefix_upper = codegen_names_upper(b->a, f->prefix);
	f->messages = arena_zalloc(b->a, n_messages * sizeof *f->messages);
	f->enums = arena_zalloc(b->a, n_enums * sizeof *f->enums);
	for (size_t i = 0; i < proto->n_enum_type; i++)
		add_enum(b, proto->enum_type[i], f->package,
		         codegen_comments_path(root, FILE_ENUM, i));
	for (size_t i = 0; i < proto->n_message_type; i++)
		add_message(b, proto->message_type[i], f->package,
		            codegen_comments_path(root, FILE_MESSAGE, i));
}

/* type_name is ".canaduck.users.v1.User": protoc has resolved it. */
static const struct codegen_message *find_message(struct builder *b, const char *type_name)
{
	for (size_t i = 0; i < b->model->n_files; i++)
		for (size_t k = 0; k < b->model->files[i].n_messages; k++)
			if (strcmp(b->model->files[i].messages[k].full_name, type_name + 1) == 0)
				return &b->model->files[i].messages[k];
	mem_die(arena_printf(b->a, "protoc sent no type %s", type_name));
}

static const struct codegen_enum *find_enum(struct builder *b, const char *type_name)
{
	for (size_t i = 0; i < b->model->n_files; i++)
		for (size_t k = 0; k < b->model->files[i].n_enums; k++)
			if (strcmp(b->model->files[i].enums[k].full_name, type_name + 1) == 0)
				return &b->model->files[i].enums[k];
	mem_die(arena_printf(b->a, "protoc sent no type %s", type_name));
}

static enum codegen_presence presence_of(const struct codegen_field *f)
{
	if (f->proto->label == CODEGEN_LABEL(REPEATED))
		return f->message && f->message->is_map_entry ? CODEGEN_MAP : CODEGEN_REPEATED;
	/* c3 takes the oneof of an optional message out. */
	if (f->message && (f->proto->proto3_optional || !f->proto->has_oneof_index))
		return CODEGEN_MESSAGE;
	if (f->proto->proto3_optional)
		return CODEGEN_OPTIONAL;
	return f->proto->has_oneof_index ? CODEGEN_ONEOF : CODEGEN_IMPLICIT;
}

static int compare_numbers(const void *left, const void *right)
{
	const struct codegen_field *l = left, *r = right;

	return (l->proto->number > r->proto->number) - (l->proto->number < r->proto->number);
}

static void read_fields(struct builder *b, struct codegen_message *m)
{
	for (size_t i = 0; i < m->n_fields; i++) {
		struct codegen_field *f = &m->fields[i];

		f->full_name = join(b->a, m->full_name, f->proto->name);
		f->member = codegen_names_c_member(b->a, f->proto->name);
		if (f->proto->type == CODEGEN_TYPE(MESSAGE) ||
		    f->proto->type == CODEGEN_TYPE(GROUP))
			f->message = find_message(b, f->proto->type_name);
		if (f->proto->type == CODEGEN_TYPE(ENUM))
			f->enum_type = find_enum(b, f->proto->type_name);
		f->presence = presence_of(f);
		if (f->presence == CODEGEN_OPTIONAL || f->presence == CODEGEN_ONEOF)
			f->case_name = arena_printf(
			        b->a, "%s_case",
			        codegen_names_lower(
			                b->a, m->proto->oneof_decl[f->proto->oneof_index]->name));
		f->rules = codegen_options_rules(b->a, f->proto);
	}
	qsort(m->fields, m->n_fields, sizeof *m->fields, compare_numbers);
}

static struct codegen_route read_route(const codegen_http_rule *rule)
{
	struct codegen_route r = {.body = rule->body, .response_body = rule->response_body};

	(void)codegen_options_pattern(rule, &r.http_method, &r.path);
	return r;
}

static void read_routes(struct builder *b, struct codegen_method *m)
{
	const codegen_http_rule *http = codegen_options_http(b->a, m->proto);

	if (!http)
		return;
	m->n_routes = 1 + http->n_additional_bindings;
	m->routes = arena_zalloc(b->a, m->n_routes * sizeof *m->routes);
	m->routes[0] = read_route(http);
	for (size_t i = 0; i < http->n_additional_bindings; i++) {
		m->routes[i + 1] = read_route(http->additional_bindings[i]);
		m->routes[i + 1].has_nested =
		        http->additional_bindings[i]->n_additional_bindings > 0;
	}
}

static void read_service(struct builder *b, struct codegen_service *s, size_t index)
{
	struct codegen_path path =
	        codegen_comments_path((struct codegen_path){0}, FILE_SERVICE, index);
	const char *middle;

	s->proto = b->file->proto->service[index];
	s->full_name = join(b->a, b->file->package, s->proto->name);
	s->comment = codegen_comments_find(b->a, b->file->proto, &path);
	middle = codegen_names_middle(b->a, b->file->package);
	s->name = strcasecmp(s->proto->name, middle) == 0
	                  ? middle
	                  : codegen_names_lower(b->a, s->proto->name);
	s->context = strcmp(b->file->package, "canaduck.rpc.v1") == 0 ? "rpc_server" : middle;
	s->n_methods = s->proto->n_method;
	s->methods = arena_zalloc(b->a, s->n_methods * sizeof *s->methods);
	for (size_t i = 0; i < s->n_methods; i++) {
		struct codegen_path    p = codegen_comments_path(path, SERVICE_METHOD, i);
		struct codegen_method *m = &s->methods[i];

		m->proto = s->proto->method[i];
		m->full_name = join(b->a, s->full_name, m->proto->name);
		m->comment = codegen_comments_find(b->a, b->file->proto, &p);
		m->snake = codegen_names_lower(b->a, m->proto->name);
		m->name = arena_printf(b->a, "%s_%s", s->name, m->snake);
		m->request = find_message(b, m->proto->input_type);
		m->response = find_message(b, m->proto->output_type);
		m->options = codegen_options_method(b->a, m->proto);
		read_routes(b, m);
	}
}

static void read_file(struct builder *b, struct codegen_file *f)
{
	b->file = f;
	for (size_t i = 0; i < f->n_messages; i++)
		read_fields(b, &f->messages[i]);
	f->n_services = f->proto->n_service;
	f->services = arena_zalloc(b->a, f->n_services * sizeof *f->services);
	for (size_t i = 0; i < f->n_services; i++)
		read_service(b, &f->services[i], i);
}

void codegen_model_build(struct arena *a, const codegen_request *request,
                         struct codegen_model *out_model)
{
	struct builder b = {.a = a, .model = out_model};

	out_model->n_files = 0;
	out_model->files = arena_zalloc(a, request->n_proto_file * sizeof *out_model->files);
	for (size_t i = 0; i < request->n_proto_file; i++)
		add_file(&b, request->proto_file[i]);
	for (size_t i = 0; i < out_model->n_files; i++) {
		struct codegen_file *f = &out_model->files[i];

		read_file(&b, f);
		for (size_t k = 0; k < request->n_file_to_generate; k++)
			if (strcmp(request->file_to_generate[k], f->path) == 0)
				f->is_generated = true;
	}
}

const struct codegen_file *codegen_model_file(const struct codegen_model *model, const char *path)
{
	for (size_t i = 0; i < model->n_files; i++)
		if (strcmp(model->files[i].path, path) == 0)
			return &model->files[i];
	mem_die("protoc sent a file without what it imports");
}

const struct codegen_field *codegen_model_field(const struct codegen_message *m, str name)
{
	for (size_t i = 0; i < m->n_fields; i++)
		if (str_eq(str_c(m->fields[i].proto->name), name))
			return &m->fields[i];
	return NULL;
}

void codegen_model_walk_imports(const struct codegen_model *model, const struct codegen_file *file,
                                void (*on_file)(void *arg, const struct codegen_file *file),
                                void *arg)
{
	bool *is_needed = mem_zalloc_array(model->n_files, sizeof *is_needed);

	/* Imports stand before who imports them: backwards, each is reached before its own. */
	is_needed[file - model->files] = true;
	for (size_t i = model->n_files; i-- > 0;)
		for (size_t k = 0; is_needed[i] && k < model->files[i].proto->n_dependency; k++) {
			const char *path = model->files[i].proto->dependency[k];

			is_needed[codegen_model_file(model, path) - model->files] = true;
		}
	for (size_t i = 0; i < model->n_files; i++)
		if (is_needed[i])
			on_file(arg, &model->files[i]);
	mem_free(is_needed);
}
