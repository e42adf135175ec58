#include "services/canaduck/files.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 4096 };

static void close_fdp(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static status failed(struct arena *a, const char *what, const char *name, int error)
{
	enum code code = CODE_UNAVAILABLE;

	if (error == ENOENT)
		code = CODE_NOT_FOUND;
	else if (error == EEXIST)
		code = CODE_ALREADY_EXISTS;
	else if (error == EACCES || error == EPERM)
		code = CODE_PERMISSION_DENIED;
	return status_errorf(a, code, "cannot %s \"%s\": %s", what, name, strerror(error));
}

status files_read(struct arena *a, int dir, const char *name, const char **out_text)
{
	AUTO(close_fdp) int       fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	AUTO(buf_fini) struct buf content = {.ceiling = FILES_MAX_BYTES};

	if (fd < 0)
		return failed(a, "read", name, errno);
	for (;;) {
		char   *room = buf_reserve(&content, CHUNK_BYTES);
		ssize_t n;

		if (room == NULL)
			return status_errorf(a, CODE_INVALID_ARGUMENT, "\"%s\" is too large", name);
		n = read(fd, room, CHUNK_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(a, "read", name, errno);
		if (n == 0)
			break;
		buf_commit(&content, (size_t)n);
	}
	if (str_find(buf_str(&content), '\0') >= 0)
		return status_errorf(a, CODE_INVALID_ARGUMENT, "\"%s\" is no text", name);
	*out_text = arena_cstr(a, buf_str(&content));
	return STATUS_OK;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		text += n;
		left -= (size_t)n;
	}
	return fsync(fd) == 0 ? 0 : errno;
}

/* Under a name of its own, for its owner only until it is complete. */
static int write_aside(int dir, const char *aside, const char *text, mode_t mode)
{
	AUTO(close_fdp) int fd = -1;
	int                 error;

	unlinkat(dir, aside, 0);
	fd = openat(dir, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	error = write_all(fd, text);
	if (error == 0 && fchmod(fd, mode) != 0)
		error = errno;
	return error;
}

static status write_file(struct arena *a, int dir, const char *name, const char *text, mode_t mode,
                         int (*place)(int dir, const char *aside, const char *name))
{
	const char *aside = arena_printf(a, ".%s.new", name);
	int         error = write_aside(dir, aside, text, mode);

	if (error == 0 && place(dir, aside, name) != 0)
		error = errno;
	unlinkat(dir, aside, 0);
	return error ? failed(a, "write", name, error) : STATUS_OK;
}

/* A link never takes the place of a file. */
static int place_new(int dir, const char *aside, const char *name)
{
	return linkat(dir, aside, dir, name, 0);
}

static int place_over(int dir, const char *aside, const char *name)
{
	return renameat(dir, aside, dir, name);
}

status files_write_new(struct arena *a, int dir, const char *name, const char *text, mode_t mode)
{
	return write_file(a, dir, name, text, mode, place_new);
}

status files_replace(struct arena *a, int dir, const char *name, const char *text, mode_t mode)
{
	return write_file(a, dir, name, text, mode, place_over);
}
