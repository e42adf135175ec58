#include "config/value.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Texts that were read. They are never freed; the list shows leak checkers that this is meant. */
struct kept_text {
	struct kept_text *next;
	char             *text;
};
static struct kept_text *kept_texts;

static const char *keep(char *text)
{
	struct kept_text *k = mem_alloc(sizeof *k);

	*k = (struct kept_text){.next = kept_texts, .text = text};
	kept_texts = k;
	return text;
}

/* Everything in the file, at most the buffer's ceiling; 0 or an errno. */
static int read_file(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int error = 0;

	if (fd < 0)
		return errno;
	for (;;) {
		char   *room = buf_reserve(out, 512);
		ssize_t n;

		if (room == NULL) {
			error = EFBIG;
			break;
		}
		n = read(fd, room, 512);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			error = errno;
		if (n <= 0)
			break;
		buf_commit(out, (size_t)n);
	}
	close(fd);
	return error;
}

static bool read_secret(const struct config_field *f, const char *path, const char **out_text,
                        struct buf *mistakes)
{
	AUTO(buf_fini) struct buf content;
	str                       text;
	int                       error;

	buf_init(&content, (size_t)f->max + 1024);
	error = read_file(path, &content);
	if (error != 0) {
		buf_printf(mistakes, "%s_FILE: cannot read \"%s\": %s\n", f->env, path,
		           strerror(error));
		return false;
	}
	text = buf_str(&content);
	/* Editors and `echo` end a file with a newline that is no part of the secret. */
	if (str_ends(text, STR("\n")))
		text.len--;
	if (str_find(text, '\0') >= 0) {
		buf_printf(mistakes, "%s_FILE: \"%s\" holds a NUL byte\n", f->env, path);
		return false;
	}
	*out_text = keep(mem_strndup(text.ptr, text.len));
	return true;
}

bool config_value_read(const struct config_field *f, const char **out_text, struct buf *mistakes)
{
	const char *value = getenv(f->env);
	const char *path = NULL;

	if (f->is_secret) {
		AUTO(buf_fini) struct buf name;

		buf_init(&name, 256);
		buf_printf(&name, "%s_FILE", f->env);
		buf_put_c(&name, '\0');
		path = name.is_overflown ? NULL : getenv(name.ptr);
	}
	if (value && path) {
		buf_printf(mistakes, "%s: set it or %s_FILE, not both\n", f->env, f->env);
		return false;
	}
	if (path)
		return read_secret(f, path, out_text, mistakes);
	*out_text = value ? keep(mem_strndup(value, strlen(value))) : NULL;
	return true;
}

static bool parse_bool(const char *text, bool *out)
{
	if (strcmp(text, "1") == 0 || strcmp(text, "true") == 0)
		*out = true;
	else if (strcmp(text, "0") == 0 || strcmp(text, "false") == 0)
		*out = false;
	else
		return false;
	return true;
}

static bool parse_choice(const char *const *choices, const char *text, uint32_t *out)
{
	for (uint32_t i = 0; choices[i]; i++) {
		if (strcmp(choices[i], text) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

bool config_value_store(const struct config_field *f, const char *text, void *out_struct)
{
	void    *member = (char *)out_struct + f->offset;
	size_t   len = strlen(text);
	uint64_t number;

	switch (f->type) {
	case CONFIG_TYPE_STR:
		if (len < f->min || len > f->max)
			return false;
		*(const char **)member = text;
		return true;
	case CONFIG_TYPE_U32:
		if (!str_to_u64(str_c(text), &number) || number < f->min || number > f->max)
			return false;
		*(uint32_t *)member = (uint32_t)number;
		return true;
	case CONFIG_TYPE_BOOL:
		return parse_bool(text, member);
	case CONFIG_TYPE_ENUM:
		return parse_choice(f->choices, text, member);
	}
	return false;
}

void config_value_describe(const struct config_field *f, struct buf *out)
{
	switch (f->type) {
	case CONFIG_TYPE_STR:
		if (f->min)
			buf_printf(out, "%" PRIu32 " to %" PRIu32 " bytes", f->min, f->max);
		else
			buf_printf(out, "at most %" PRIu32 " bytes", f->max);
		break;
	case CONFIG_TYPE_U32:
		buf_printf(out, "a whole number from %" PRIu32 " to %" PRIu32, f->min, f->max);
		break;
	case CONFIG_TYPE_BOOL:
		buf_put(out, STR("true or false"));
		break;
	case CONFIG_TYPE_ENUM:
		for (size_t i = 0; f->choices[i]; i++)
			buf_printf(out, "%s%s", i ? ", " : "one of ", f->choices[i]);
		break;
	}
}
