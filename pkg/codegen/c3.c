/*
 * codegen/c3.c - protoc-gen-c3: protoc-gen-c, taught proto3 `optional`.
 *
 * protoc-gen-c 1.4.1 does not say that it knows proto3 optional, so protoc refuses such files.
 * Without the flag proto3_optional, protoc's own synthetic oneof looks like a real one of one
 * member, and keeps presence exactly. So: clear the flag in the request, let protoc-gen-c work, and
 * say in its response that the feature is supported.
 *
 * An optional message needs no oneof: NULL is absence already. Its oneof is taken out. So are
 * services: protoc-gen-c's stubs for them are not used, and an RPC called Register is no C.
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "codegen/plugin.h"
#include "google/protobuf/compiler/plugin.pb-c.h"
#include "google/protobuf/descriptor.pb-c.h"

typedef Google__Protobuf__Compiler__CodeGeneratorRequest request_message;
typedef Google__Protobuf__FileDescriptorProto            file_proto;
typedef Google__Protobuf__DescriptorProto                message_proto;
typedef Google__Protobuf__FieldDescriptorProto           field_proto;

/* Removes a field's oneof and moves the later ones up. */
static void drop_oneof(message_proto *m, field_proto *dropped)
{
	int32_t at = dropped->oneof_index;

	if (at < 0 || (size_t)at >= m->n_oneof_decl)
		return;
	m->n_oneof_decl--;
	for (size_t i = (size_t)at; i < m->n_oneof_decl; i++)
		m->oneof_decl[i] = m->oneof_decl[i + 1];
	dropped->has_oneof_index = false;
	for (size_t i = 0; i < m->n_field; i++)
		if (m->field[i]->has_oneof_index && m->field[i]->oneof_index > at)
			m->field[i]->oneof_index--;
}

/* Nested messages need no depth limit here: protoc has parsed them under its own. */
static void adapt_message(message_proto *m)
{
	for (size_t i = 0; i < m->n_field; i++) {
		field_proto *f = m->field[i];

		if (!f->proto3_optional)
			continue;
		f->has_proto3_optional = false;
		if (f->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE)
			drop_oneof(m, f);
	}
	for (size_t i = 0; i < m->n_nested_type; i++)
		adapt_message(m->nested_type[i]);
}

static void adapt_file(file_proto *f)
{
	for (size_t i = 0; i < f->n_message_type; i++)
		adapt_message(f->message_type[i]);
	f->n_service = 0;
}

static _Noreturn void become_protoc_gen_c(const char *program, const int in[2], const int out[2])
{
	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
	execlp(program, program, (char *)NULL);
	_exit(127);
}

/* protoc-gen-c reads all of its input before it writes, so this cannot lock up. */
static status run_protoc_gen_c(const char *program, str request, struct buf *out_response)
{
	int   in[2], out[2], wait_status;
	pid_t pid;

	if (pipe(in) != 0 || pipe(out) != 0)
		return status_error(CODE_INTERNAL, "cannot make a pipe");
	pid = fork();
	if (pid < 0)
		return status_error(CODE_INTERNAL, "cannot fork");
	if (pid == 0)
		become_protoc_gen_c(program, in, out);
	close(in[0]);
	close(out[1]);
	TRY(codegen_plugin_write(in[1], request));
	close(in[1]);
	TRY(codegen_plugin_read(out[0], out_response));
	close(out[0]);
	if (waitpid(pid, &wait_status, 0) != pid || wait_status != 0)
		return status_error(CODE_INTERNAL, "protoc-gen-c failed");
	return STATUS_OK;
}

static status run(struct arena *a, struct buf *in, struct buf *out)
{
	/* supported_features = FEATURE_PROTO3_OPTIONAL: appended fields win. */
	static const char  feature[] = {0x10, 0x01};
	ProtobufCAllocator allocator = codegen_plugin_allocator(a);
	request_message   *request;
	const char        *program;

	TRY(codegen_plugin_read(STDIN_FILENO, in));
	request = google__protobuf__compiler__code_generator_request__unpack(
	        &allocator, in->len, (const uint8_t *)in->ptr);
	if (!request)
		return status_error(CODE_INVALID_ARGUMENT,
		                    "the request is no CodeGeneratorRequest");
	for (size_t i = 0; i < request->n_proto_file; i++)
		adapt_file(request->proto_file[i]);

	/* --c3_opt=PATH names protoc-gen-c; it is no parameter of protoc-gen-c's own. */
	program = request->parameter && *request->parameter ? request->parameter : "protoc-gen-c";
	request->parameter = NULL;
	buf_reset(in);
	codegen_plugin_pack(&request->base, in);
	TRY(run_protoc_gen_c(program, buf_str(in), out));
	buf_put_bytes(out, feature, sizeof feature);
	TRY(buf_status(out));
	return codegen_plugin_write(STDOUT_FILENO, buf_str(out));
}

int main(void)
{
	return codegen_plugin_main("protoc-gen-c3", run);
}
