#include "codegen/emit.h"

static void emit_prototype(struct codegen_emit *e, const struct codegen_service *s,
                           const struct codegen_method *m)
{
	buf_put_c(e->out, '\n');
	codegen_emit_comment(e, m->comment);
	buf_printf(e->out,
	           "must_check status %s(struct %s *app, struct rpc_call *call,\n"
	           "\tconst %s *req, %s *out_response);\n",
	           m->name, s->context, m->request->name, m->response->name);
}

static void emit_service_h(struct codegen_emit *e, const struct codegen_service *s)
{
	buf_printf(e->out,
	           "\nstruct %s; /* what the handlers are given */\n"
	           "\n"
	           "/* Handlers, one for each method. */\n"
	           "extern const struct rpc_handlers %s_handlers;\n",
	           s->context, s->name);
	for (size_t i = 0; i < s->n_methods; i++)
		emit_prototype(e, s, &s->methods[i]);
}

void codegen_emit_server_h(struct codegen_emit *e)
{
	codegen_emit_guard(e, "server.h");
	codegen_emit_include_own(e, "rpc.h");
	buf_put(e->out, STR("#include \"rpc/service.h\"\n"));
	for (size_t i = 0; i < e->file->n_services; i++)
		emit_service_h(e, &e->file->services[i]);
	codegen_emit_guard_end(e);
}

static void emit_thunk(struct codegen_emit *e, const struct codegen_method *m)
{
	buf_printf(e->out,
	           "\nstatic status on_%s(void *app, struct rpc_call *call,\n"
	           "\tconst ProtobufCMessage *request, ProtobufCMessage *response)\n"
	           "{\n"
	           "\treturn %s(app, call, (const %s *)request, (%s *)response);\n"
	           "}\n",
	           m->name, m->name, m->request->name, m->response->name);
}

static void emit_service_c(struct codegen_emit *e, const struct codegen_service *s)
{
	for (size_t i = 0; i < s->n_methods; i++)
		emit_thunk(e, &s->methods[i]);
	buf_printf(e->out, "\nstatic rpc_handler *const %s_thunks[] = {\n", s->name);
	for (size_t i = 0; i < s->n_methods; i++)
		buf_printf(e->out, "\ton_%s,\n", s->methods[i].name);
	buf_printf(e->out,
	           "};\n"
	           "\nconst struct rpc_handlers %s_handlers = {\n"
	           "\t.service = &%s_service,\n"
	           "\t.handlers = %s_thunks,\n"
	           "};\n",
	           s->name, s->name, s->name);
}

void codegen_emit_server_c(struct codegen_emit *e)
{
	codegen_emit_banner(e);
	codegen_emit_include_own(e, "server.h");
	for (size_t i = 0; i < e->file->n_services; i++)
		emit_service_c(e, &e->file->services[i]);
}
