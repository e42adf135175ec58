#include "codegen/comments.h"

#include <string.h>

#include "base/mem.h"

struct codegen_path codegen_comments_path(struct codegen_path p, int32_t field, size_t index)
{
	if (p.n_parts + 2 > sizeof p.parts / sizeof *p.parts)
		mem_die("messages are nested too deep");
	p.parts[p.n_parts++] = field;
	p.parts[p.n_parts++] = (int32_t)index;
	return p;
}

/* Joins the lines of a paragraph by a space and paragraphs by a newline. */
static const char *clean(struct arena *a, str text)
{
	char *result = arena_alloc(a, text.len + 1), *to = result;
	bool  ends_paragraph = false;
	str   line;

	while (text.len > 0) {
		if (!str_cut(text, '\n', &line, &text)) {
			line = text;
			text = (str){0};
		}
		line = str_trim(line);
		if (line.len == 0) {
			ends_paragraph = true;
			continue;
		}
		if (to != result)
			*to++ = ends_paragraph ? '\n' : ' ';
		ends_paragraph = false;
		memcpy(to, line.ptr, line.len);
		to += line.len;
	}
	*to = '\0';
	return to == result ? NULL : result;
}

const char *codegen_comments_find(struct arena *a, const codegen_file_proto *file,
                                  const struct codegen_path *path)
{
	if (!file->source_code_info)
		return NULL;
	for (size_t i = 0; i < file->source_code_info->n_location; i++) {
		const codegen_location *l = file->source_code_info->location[i];

		if (l->leading_comments && l->n_path == path->n_parts &&
		    memcmp(l->path, path->parts, path->n_parts * sizeof *path->parts) == 0)
			return clean(a, str_c(l->leading_comments));
	}
	return NULL;
}
