/*
 * codegen/emit.h - prints the generated files.
 *
 * Every printer appends one whole file for one proto file. What they print is constant tables,
 * prototypes and thunks only: whatever decides something is in pkg/.
 */
#ifndef CODEGEN_EMIT_H
#define CODEGEN_EMIT_H

#include "base/buf.h"
#include "codegen/model.h"

struct codegen_emit {
	struct arena               *a;
	const struct codegen_model *model;
	const struct codegen_file  *file;
	struct buf                 *out;
};

void codegen_emit_schema_h(struct codegen_emit *e);
void codegen_emit_schema_c(struct codegen_emit *e);
void codegen_emit_rpc_h(struct codegen_emit *e);
void codegen_emit_rpc_c(struct codegen_emit *e);
void codegen_emit_server_h(struct codegen_emit *e);
void codegen_emit_server_c(struct codegen_emit *e);

/* ---- what they share (emit.c) ---- */

/* "/" "* Generated ... from ... *" "/", and the guard of a header. */
void codegen_emit_banner(struct codegen_emit *e);
void codegen_emit_guard(struct codegen_emit *e, const char *suffix);
void codegen_emit_guard_end(struct codegen_emit *e);

/* A quoted C string; NULL prints NULL. */
void codegen_emit_string(struct codegen_emit *e, const char *s);

/* A comment of one or more lines. */
void codegen_emit_comment(struct codegen_emit *e, const char *text);

/* #include of the file's own header, "schema.h" or the like. */
void codegen_emit_include_own(struct codegen_emit *e, const char *suffix);

/* #includes of x.schema.h for what is_used of the files that this one imports. */
void codegen_emit_include_schemas(struct codegen_emit *e,
                                  bool (*is_used)(const struct codegen_file *by,
                                                  const struct codegen_file *file));

/* Tables of x.rpc.c (emit_tables.c): of a service, and the file with all it imports as bytes. */
void codegen_emit_method_table(struct codegen_emit *e, const struct codegen_service *s);
void codegen_emit_descriptors(struct codegen_emit *e);

#endif
