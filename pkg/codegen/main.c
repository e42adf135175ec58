/*
 * codegen/main.c - protoc-gen-canaduck: tables, client stubs and thunks from the contract.
 *
 * For x.proto it writes x.schema.{h,c}, and when there is a service x.rpc.{h,c} and
 * x.server.{h,c}. All files of a product go through one run of protoc, so that the routes of all
 * services are checked against each other.
 */
#include <unistd.h>

#include "codegen/check.h"
#include "codegen/emit.h"
#include "codegen/plugin.h"

static const struct output {
	const char *suffix;
	void (*emit)(struct codegen_emit *e);
	bool is_for_services;
} outputs[] = {
        {"schema.h", codegen_emit_schema_h, false}, {"schema.c", codegen_emit_schema_c, false},
        {"rpc.h", codegen_emit_rpc_h, true},        {"rpc.c", codegen_emit_rpc_c, true},
        {"server.h", codegen_emit_server_h, true},  {"server.c", codegen_emit_server_c, true},
};

enum { N_OUTPUTS = sizeof outputs / sizeof *outputs };

static void add_output(struct arena *a, const struct codegen_model *model,
                       const struct codegen_file *file, const struct output *output,
                       codegen_response *response)
{
	codegen_response_file *f = arena_alloc(a, sizeof *f);
	struct buf             content;

	buf_init(&content, CODEGEN_MAX_BYTES);
	output->emit(&(struct codegen_emit){.a = a, .model = model, .file = file, .out = &content});
	google__protobuf__compiler__code_generator_response__file__init(f);
	f->name = arena_printf(a, "%s.%s", file->stem, output->suffix);
	f->content = arena_cstr(a, buf_str(&content));
	buf_fini(&content);
	response->file[response->n_file++] = f;
}

static void emit_all(struct arena *a, const struct codegen_model *model, codegen_response *response)
{
	response->file = arena_zalloc(a, N_OUTPUTS * model->n_files * sizeof *response->file);
	for (size_t i = 0; i < model->n_files; i++) {
		const struct codegen_file *f = &model->files[i];

		for (size_t k = 0; f->is_generated && k < N_OUTPUTS; k++)
			if (f->n_services > 0 || !outputs[k].is_for_services)
				add_output(a, model, f, &outputs[k], response);
	}
}

static status run(struct arena *a, struct buf *in, struct buf *out)
{
	ProtobufCAllocator    allocator = codegen_plugin_allocator(a);
	codegen_request      *request;
	codegen_response      response;
	struct codegen_model  model;
	struct codegen_report report;

	TRY(codegen_plugin_read(STDIN_FILENO, in));
	request = google__protobuf__compiler__code_generator_request__unpack(
	        &allocator, in->len, (const uint8_t *)in->ptr);
	if (!request)
		return status_error(CODE_INVALID_ARGUMENT,
		                    "the request is no CodeGeneratorRequest");
	google__protobuf__compiler__code_generator_response__init(&response);
	response.has_supported_features = true;
	response.supported_features = CODEGEN_FEATURES;

	codegen_report_init(&report, a);
	codegen_model_build(a, request, &model);
	codegen_check_model(&model, &report);
	if (report.text.len > 0)
		response.error = arena_cstr(a, buf_str(&report.text));
	else
		emit_all(a, &model, &response);
	codegen_report_fini(&report);

	codegen_plugin_pack(&response.base, out);
	TRY(buf_status(out));
	return codegen_plugin_write(STDOUT_FILENO, buf_str(out));
}

int main(void)
{
	return codegen_plugin_main("protoc-gen-canaduck", run);
}
