/*
 * Runs a fuzz target over every file of a folder: what libFuzzer does with -runs=0, without it.
 */
#include <dirent.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/mem.h"
#include "test/fuzz/fuzz.h"

enum { INPUT_CEILING = 1 << 24 };

static bool read_all(FILE *file, struct buf *b)
{
	enum { PIECE = 4096 };
	char  *to;
	size_t n;

	do {
		to = buf_reserve(b, PIECE);
		if (to == NULL)
			return false;
		n = fread(to, 1, PIECE, file);
		buf_commit(b, n);
	} while (n > 0);
	return ferror(file) == 0;
}

static bool replay(const char *path)
{
	AUTO(buf_fini) struct buf input = {.ceiling = INPUT_CEILING};
	FILE                     *file = fopen(path, "rb");
	bool                      is_read = file && read_all(file, &input);

	if (file)
		fclose(file);
	if (!is_read) {
		perror(path);
		return false;
	}
	fprintf(stderr, "%s\n", path); /* the last one is the one that failed */
	LLVMFuzzerTestOneInput((const uint8_t *)input.ptr, input.len);
	return true;
}

/* How many files were run; -1 if one could not be read. */
static int replay_all(const char *folder, DIR *dir)
{
	const struct dirent *entry;
	int                  n = 0;

	while ((entry = readdir(dir)) != NULL) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (!replay(path))
			return -1;
		n++;
	}
	return n;
}

int main(int argc, char **argv)
{
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	int  n;

	if (dir == NULL) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	n = replay_all(argv[1], dir);
	closedir(dir);
	if (n == 0)
		fprintf(stderr, "%s: no corpus\n", argv[1]);
	return n > 0 ? 0 : 1;
}
