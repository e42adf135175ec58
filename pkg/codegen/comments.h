/*
 * codegen/comments.h - the comments that stand before things in a proto file.
 */
#ifndef CODEGEN_COMMENTS_H
#define CODEGEN_COMMENTS_H

#include "base/arena.h"
#include "codegen/proto.h"

/* A place in a FileDescriptorProto: field numbers and indices, as in SourceCodeInfo.Location. */
struct codegen_path {
	int32_t parts[64];
	size_t  n_parts;
};

/* The path with one field number and index more. */
struct codegen_path codegen_comments_path(struct codegen_path p, int32_t field, size_t index);

/*
 * The comment before the thing: one line for each paragraph, white space trimmed. NULL when there
 * is none.
 */
const char *codegen_comments_find(struct arena *a, const codegen_file_proto *file,
                                  const struct codegen_path *path);

#endif
