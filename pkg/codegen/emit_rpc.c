#include "codegen/emit.h"

/* Files of the messages that this one's methods take and give; its own too. */
static bool is_used_by_methods(const struct codegen_file *by, const struct codegen_file *file)
{
	for (size_t i = 0; i < by->n_services; i++)
		for (size_t k = 0; k < by->services[i].n_methods; k++)
			if (by->services[i].methods[k].request->file == file ||
			    by->services[i].methods[k].response->file == file)
				return true;
	return false;
}

static void emit_method_h(struct codegen_emit *e, const struct codegen_service *s,
                          const struct codegen_method *m)
{
	buf_put_c(e->out, '\n');
	codegen_emit_comment(e, m->comment);
	buf_printf(e->out,
	           "must_check status %s_client_%s(struct rpc_client *c, struct rpc_call *call,\n"
	           "\tconst %s *req, %s **out_response);\n",
	           s->name, m->snake, m->request->name, m->response->name);
	buf_printf(e->out,
	           "void %s_client_%s_start(struct rpc_client *c, struct rpc_call *call,\n"
	           "\tconst %s *req, struct rpc_pending *p);\n",
	           s->name, m->snake, m->request->name);
	buf_printf(e->out,
	           "must_check status %s_client_%s_finish(struct rpc_pending *p,\n"
	           "\t%s **out_response);\n",
	           s->name, m->snake, m->response->name);
}

static void emit_service_h(struct codegen_emit *e, const struct codegen_service *s)
{
	buf_put_c(e->out, '\n');
	codegen_emit_comment(e, s->comment);
	buf_printf(e->out, "extern const struct rpc_service %s_service;\n", s->name);
	buf_printf(e->out, "extern const struct rpc_method %s_methods[%zu];\n\n", s->name,
	           s->n_methods);
	for (size_t i = 0; i < s->n_methods; i++)
		buf_printf(e->out, "#define %s_method (&%s_methods[%zu])\n", s->methods[i].name,
		           s->name, i);
	for (size_t i = 0; i < s->n_methods; i++)
		emit_method_h(e, s, &s->methods[i]);
}

void codegen_emit_rpc_h(struct codegen_emit *e)
{
	codegen_emit_guard(e, "rpc.h");
	codegen_emit_include_own(e, "schema.h");
	codegen_emit_include_schemas(e, is_used_by_methods);
	buf_put(e->out, STR("#include \"rpc/service.h\"\n"
	                    "\n"
	                    "struct rpc_call;    /* rpc/call.h */\n"
	                    "struct rpc_client;  /* rpc/client.h */\n"
	                    "struct rpc_pending; /* rpc/client.h */\n"));
	for (size_t i = 0; i < e->file->n_services; i++)
		emit_service_h(e, &e->file->services[i]);
	codegen_emit_guard_end(e);
}

static void emit_stubs(struct codegen_emit *e, const struct codegen_service *s,
                       const struct codegen_method *m)
{
	const char *request = m->request->name, *response = m->response->name;

	buf_printf(e->out,
	           "\nstatus %s_client_%s(struct rpc_client *c, struct rpc_call *call,\n"
	           "\tconst %s *req, %s **out_response)\n"
	           "{\n"
	           "\tProtobufCMessage *response;\n"
	           "\n"
	           "\tTRY(rpc_client_call(c, call, %s_method, &req->base, &response));\n"
	           "\t*out_response = (%s *)response;\n"
	           "\treturn STATUS_OK;\n"
	           "}\n",
	           s->name, m->snake, request, response, m->name, response);
	buf_printf(e->out,
	           "\nvoid %s_client_%s_start(struct rpc_client *c, struct rpc_call *call,\n"
	           "\tconst %s *req, struct rpc_pending *p)\n"
	           "{\n"
	           "\trpc_client_start(c, call, %s_method, &req->base, p);\n"
	           "}\n",
	           s->name, m->snake, request, m->name);
	buf_printf(e->out,
	           "\nstatus %s_client_%s_finish(struct rpc_pending *p, %s **out_response)\n"
	           "{\n"
	           "\tProtobufCMessage *response;\n"
	           "\n"
	           "\tTRY(rpc_client_finish(p, &response));\n"
	           "\t*out_response = (%s *)response;\n"
	           "\treturn STATUS_OK;\n"
	           "}\n",
	           s->name, m->snake, response, response);
}

static void emit_service_c(struct codegen_emit *e, const struct codegen_service *s)
{
	codegen_emit_method_table(e, s);
	for (size_t i = 0; i < s->n_methods; i++)
		emit_stubs(e, s, &s->methods[i]);
}

void codegen_emit_rpc_c(struct codegen_emit *e)
{
	codegen_emit_banner(e);
	codegen_emit_include_own(e, "rpc.h");
	buf_put(e->out, STR("\n#include \"rpc/client.h\"\n"));
	codegen_emit_descriptors(e);
	for (size_t i = 0; i < e->file->n_services; i++)
		emit_service_c(e, &e->file->services[i]);
}
