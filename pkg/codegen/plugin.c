#include "codegen/plugin.h"

#include <stdio.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

status codegen_plugin_read(int fd, struct buf *out)
{
	for (;;) {
		char   *room = buf_reserve(out, 65536);
		ssize_t n;

		if (!room)
			return buf_status(out);
		n = read(fd, room, 65536);
		if (n == 0)
			return STATUS_OK;
		if (n > 0)
			buf_commit(out, (size_t)n);
		else if (errno != EINTR)
			return status_error(CODE_INTERNAL, "cannot read");
	}
}

status codegen_plugin_write(int fd, str bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n >= 0)
			bytes = str_from(bytes, (size_t)n);
		else if (errno != EINTR)
			return status_error(CODE_INTERNAL, "cannot write");
	}
	return STATUS_OK;
}

static void *on_alloc(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void on_free(void *arena, void *pointer)
{
	(void)arena;
	(void)pointer;
}

ProtobufCAllocator codegen_plugin_allocator(struct arena *a)
{
	return (ProtobufCAllocator){.alloc = on_alloc, .free = on_free, .allocator_data = a};
}

void codegen_plugin_pack(const ProtobufCMessage *m, struct buf *out)
{
	size_t size = protobuf_c_message_get_packed_size(m);
	char  *room = buf_reserve(out, size);

	if (!room)
		return;
	protobuf_c_message_pack(m, (uint8_t *)room);
	buf_commit(out, size);
}

int codegen_plugin_main(const char *name,
                        status (*run)(struct arena *a, struct buf *in, struct buf *out))
{
	struct arena a;
	struct buf   in, out;
	status       st;

	arena_init(&a, CODEGEN_MAX_BYTES);
	buf_init(&in, CODEGEN_MAX_BYTES);
	buf_init(&out, CODEGEN_MAX_BYTES);
	st = run(&a, &in, &out);
	if (st.code != CODE_OK)
		fprintf(stderr, "%s: %s\n", name, st.msg);
	buf_fini(&out);
	buf_fini(&in);
	arena_fini(&a);
	return st.code == CODE_OK ? 0 : 1;
}
