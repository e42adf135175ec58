#include "base/mem.h"
#include "codegen/emit.h"
#include "codegen/options.h"
#include "codegen/plugin.h"

enum { DEFAULT_STATUS = 200, DEFAULT_MAX_BODY = 1024 * 1024 };

static const char *auth_name(const codegen_method_options *o)
{
	switch (o->auth) {
	case CODEGEN_AUTH(PUBLIC):
		return "RPC_AUTH_PUBLIC";
	case CODEGEN_AUTH(IGNORED):
		return "RPC_AUTH_IGNORED";
	case CODEGEN_AUTH(USER):
		return "RPC_AUTH_USER";
	case CODEGEN_AUTH(ADMIN):
		return "RPC_AUTH_ADMIN";
	case CODEGEN_AUTH(SERVICE):
		return "RPC_AUTH_SERVICE";
	default:
		mem_die("an auth that the generator does not know");
	}
}

static const char *envelope_name(const codegen_method_options *o)
{
	switch (o->envelope) {
	case CODEGEN_ENVELOPE(RESULT):
		return "RPC_RESULT";
	case CODEGEN_ENVELOPE(SUCCESS):
		return "RPC_SUCCESS";
	case CODEGEN_ENVELOPE(BARE):
		return "RPC_BARE";
	default:
		mem_die("an envelope that the generator does not know");
	}
}

static const char *or_null(const char *s)
{
	return *s ? s : NULL;
}

static void emit_routes(struct codegen_emit *e, const struct codegen_method *m)
{
	if (m->n_routes == 0)
		return;
	buf_printf(e->out, "\nstatic const struct rpc_route %s_routes[] = {\n", m->name);
	for (size_t i = 0; i < m->n_routes; i++) {
		buf_printf(e->out, "\t{.http_method = \"%s\", .path = ", m->routes[i].http_method);
		codegen_emit_string(e, m->routes[i].path);
		buf_put(e->out, STR(", .body = "));
		codegen_emit_string(e, or_null(m->routes[i].body));
		buf_put(e->out, STR(", .response_body = "));
		codegen_emit_string(e, or_null(m->routes[i].response_body));
		buf_put(e->out, STR("},\n"));
	}
	buf_put(e->out, STR("};\n"));
}

static void emit_doc(struct codegen_emit *e, const char *doc)
{
	buf_put(e->out, STR(".doc = "));
	codegen_emit_string(e, doc);
	buf_put(e->out, STR(",\n"));
}

static void emit_method(struct codegen_emit *e, const struct codegen_service *s,
                        const struct codegen_method *m)
{
	const codegen_method_options *o = m->options;

	buf_printf(e->out,
	           "\t{\n"
	           "\t\t.name = \"/%s/%s\",\n"
	           "\t\t.short_name = \"%s\",\n"
	           "\t\t",
	           s->full_name, m->proto->name, m->proto->name);
	emit_doc(e, m->comment);
	buf_printf(e->out,
	           "\t\t.request = &%s_schema,\n"
	           "\t\t.response = &%s_schema,\n"
	           "\t\t.auth = %s,\n"
	           "\t\t.envelope = %s,\n"
	           "\t\t.http_status = %u,\n"
	           "\t\t.max_body = %u,\n"
	           "\t\t.has_no_side_effects = %s,\n"
	           "\t\t.changes_sessions = %s,\n"
	           "\t\t.conceals = %s,\n"
	           "\t\t.lists_places = %s,\n",
	           m->request->name, m->response->name, auth_name(o), envelope_name(o),
	           o->status ? o->status : DEFAULT_STATUS,
	           o->max_body ? o->max_body : DEFAULT_MAX_BODY,
	           codegen_options_is_safe(m->proto) ? "true" : "false",
	           o->changes_sessions ? "true" : "false", o->conceals ? "true" : "false",
	           o->lists_places ? "true" : "false");
	if (m->n_routes > 0)
		buf_printf(e->out, "\t\t.routes = %s_routes,\n\t\t.n_routes = %zu,\n", m->name,
		           m->n_routes);
	buf_put(e->out, STR("\t},\n"));
}

void codegen_emit_method_table(struct codegen_emit *e, const struct codegen_service *s)
{
	for (size_t i = 0; i < s->n_methods; i++)
		emit_routes(e, &s->methods[i]);
	buf_printf(e->out, "\nconst struct rpc_method %s_methods[%zu] = {\n", s->name,
	           s->n_methods);
	for (size_t i = 0; i < s->n_methods; i++)
		emit_method(e, s, &s->methods[i]);
	buf_printf(e->out,
	           "};\n"
	           "\nconst struct rpc_service %s_service = {\n"
	           "\t.name = \"%s\",\n"
	           "\t.short_name = \"%s\",\n"
	           "\t",
	           s->name, s->full_name, s->name);
	emit_doc(e, s->comment);
	buf_printf(e->out,
	           "\t.methods = %s_methods,\n"
	           "\t.n_methods = %zu,\n"
	           "\t.descriptors = descriptors,\n"
	           "\t.descriptors_len = sizeof descriptors,\n"
	           "};\n",
	           s->name, s->n_methods);
}

static void on_import(void *arg, const struct codegen_file *file)
{
	codegen_file_set   *set = arg;
	codegen_file_proto *copy = set->file[set->n_file++];

	/* Comments are for people; what is left is shared with the request. */
	*copy = *file->proto;
	copy->source_code_info = NULL;
}

void codegen_emit_descriptors(struct codegen_emit *e)
{
	size_t              n = e->model->n_files;
	codegen_file_proto *copies = arena_zalloc(e->a, n * sizeof *copies);
	codegen_file_set    set;
	struct buf          packed;

	google__protobuf__file_descriptor_set__init(&set);
	set.file = arena_zalloc(e->a, n * sizeof *set.file);
	for (size_t i = 0; i < n; i++)
		set.file[i] = &copies[i];
	codegen_model_walk_imports(e->model, e->file, on_import, &set);

	buf_init(&packed, CODEGEN_MAX_BYTES);
	codegen_plugin_pack(&set.base, &packed);
	buf_put(e->out, STR("\n/* A google.protobuf.FileDescriptorSet. */\n"
	                    "static const uint8_t descriptors[] = {"));
	for (size_t i = 0; i < packed.len; i++)
		buf_printf(e->out, "%s%u,", i % 24 == 0 ? "\n\t" : " ",
		           (unsigned)(unsigned char)packed.ptr[i]);
	buf_put(e->out, STR("\n};\n"));
	buf_fini(&packed);
}
