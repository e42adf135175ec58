#include "test/e2e/shell.h"

#include "test/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int shell_run(const char *script, char *output, size_t size)
{
	char   path[] = "/tmp/canaduck-test-XXXXXX", command[256];
	size_t len = 0, n;
	int    fd = mkstemp(path), outcome;
	FILE  *shell;

	assert_true(fd >= 0);
	dprintf(fd, "set -eu -o pipefail\ncd '%s'\n%s\n", SOURCE_DIR, script);
	close(fd);
	snprintf(command, sizeof command, "exec timeout 60 bash %s 2>&1", path);
	shell = popen(command, "r");
	assert_non_null(shell);
	while ((n = fread(output + len, 1, size - 1 - len, shell)) > 0)
		len += n;
	output[len] = '\0';
	outcome = pclose(shell);
	unlink(path);
	return outcome;
}

static char *replace_all(const char *text, const char *replaced, const char *by)
{
	char       *out = NULL;
	size_t      size;
	FILE       *f = open_memstream(&out, &size);
	const char *at;

	assert_non_null(f);
	while (replaced && (at = strstr(text, replaced)) != NULL) {
		fwrite(text, 1, (size_t)(at - text), f);
		fputs(by, f);
		text = at + strlen(replaced);
	}
	fputs(text, f);
	fclose(f);
	return out;
}

char *shell_readme(const char *heading, unsigned block, const char *replaced, const char *by)
{
	static char readme[256 * 1024];
	FILE       *f = fopen(SOURCE_DIR "/README.md", "r");
	char       *from, *to;

	assert_non_null(f);
	readme[fread(readme, 1, sizeof readme - 1, f)] = '\0';
	fclose(f);
	from = strstr(readme, heading);
	for (unsigned i = 0; i <= block; i++) {
		assert_non_null(from);
		from = strstr(from, "```sh\n");
		assert_non_null(from);
		from += strlen("```sh\n");
	}
	to = strstr(from, "```");
	assert_non_null(to);
	*to = '\0';
	return replace_all(from, replaced, by);
}
