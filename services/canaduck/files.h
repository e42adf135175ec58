/*
 * canaduck/files.h - small text files, read and written whole.
 */
#ifndef SERVICES_CANADUCK_FILES_H
#define SERVICES_CANADUCK_FILES_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/status.h"

enum { FILES_MAX_BYTES = 64 * 1024 };

/* In all of these, dir is an open directory, or AT_FDCWD; messages are in the arena. */

/* NOT_FOUND when there is none; INVALID_ARGUMENT when it is too large or holds a NUL. */
must_check status files_read(struct arena *a, int dir, const char *name, const char **out_text);

/* Written in full or not at all. ALREADY_EXISTS when there is a file of that name. */
must_check status files_write_new(struct arena *a, int dir, const char *name, const char *text,
                                  mode_t mode);

/* The same, but in the place of the file that is there. */
must_check status files_replace(struct arena *a, int dir, const char *name, const char *text,
                                mode_t mode);

#endif
