/*
 * codegen/plugin.h - how a protoc plugin talks: bytes on its standard input and output.
 */
#ifndef CODEGEN_PLUGIN_H
#define CODEGEN_PLUGIN_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/buf.h"

enum { CODEGEN_MAX_BYTES = 256 * 1024 * 1024 };

/*
 * Runs a plugin with an arena and two buffers of its own; returns its exit status. A failure is
 * told on standard error, where protoc shows it.
 */
int codegen_plugin_main(const char *name,
                        status (*run)(struct arena *a, struct buf *in, struct buf *out));

/* Reads to the end of the file; INTERNAL when it cannot. */
must_check status codegen_plugin_read(int fd, struct buf *out);

/* Writes all of it. */
must_check status codegen_plugin_write(int fd, str bytes);

/* An allocator for protobuf-c that takes from the arena and frees nothing. */
ProtobufCAllocator codegen_plugin_allocator(struct arena *a);

/* Appends the packed message. */
void codegen_plugin_pack(const ProtobufCMessage *m, struct buf *out);

#endif
