#include "pbjson/reader.h"

#include <string.h>

/* Longest part of a map's key that an error repeats. */
enum { MAX_SHOWN_KEY = 64 };

/* Cuts before a character, not in it. */
static str shorten(str s)
{
	if (s.len <= MAX_SHOWN_KEY)
		return s;
	s.len = MAX_SHOWN_KEY;
	while (s.len > 0 && ((unsigned char)s.ptr[s.len] & 0xc0) == 0x80)
		s.len--;
	return s;
}

static const char *path_text(struct arena *a, const struct pbjson_path *path)
{
	const char *up, *dot;
	str         name;

	if (path == NULL)
		return "";
	up = path_text(a, path->up);
	dot = *up ? "." : "";
	if (path->name.ptr == NULL)
		return arena_printf(a, "%s%s%zu", up, dot, path->index);
	name = shorten(path->name);
	return arena_printf(a, "%s%s%.*s", up, dot, STR_ARG(name));
}

static status fail(struct pbjson_reader *r, enum code code, const char *field, const char *reason)
{
	*r->error = (struct pbjson_error){field, reason};
	return status_errorf(r->arena, code, "%s %s", *field ? field : "the body", reason);
}

status pbjson_reader_fail(struct pbjson_reader *r, const char *reason)
{
	return fail(r, CODE_INVALID_ARGUMENT, path_text(r->arena, r->path), reason);
}

status pbjson_reader_fail_syntax(struct pbjson_reader *r)
{
	const char *reason = arena_printf(r->arena, "is not valid JSON: %s at byte %zu",
	                                  r->scan.fault, r->scan.at + 1);

	return fail(r, CODE_INVALID_ARGUMENT, "", reason);
}

status pbjson_reader_fail_full(struct pbjson_reader *r)
{
	return fail(r, CODE_RESOURCE_EXHAUSTED, "", "is too large");
}

status pbjson_reader_expect(struct pbjson_reader *r, enum pbjson_kind kind, const char *reason)
{
	enum pbjson_kind found = pbjson_scan_peek(&r->scan);

	if (found == kind)
		return STATUS_OK;
	return found == PBJSON_NOTHING ? pbjson_reader_fail_syntax(r)
	                               : pbjson_reader_fail(r, reason);
}

status pbjson_reader_unescape(struct pbjson_reader *r, struct pbjson_string s, str *out_text)
{
	char *copy;

	if (!s.has_escapes) {
		*out_text = s.raw;
		return STATUS_OK;
	}
	copy = arena_try_alloc(r->arena, s.raw.len);
	if (copy == NULL)
		return pbjson_reader_fail_full(r);
	*out_text = (str){copy, pbjson_scan_unescape(s, copy)};
	return STATUS_OK;
}

status pbjson_reader_text(struct pbjson_reader *r, str *out_text)
{
	struct pbjson_string s;

	if (!pbjson_scan_string(&r->scan, &s))
		return pbjson_reader_fail_syntax(r);
	return pbjson_reader_unescape(r, s, out_text);
}

status pbjson_reader_copy(struct pbjson_reader *r, str text, char **out_copy)
{
	char *copy = arena_try_alloc(r->arena, text.len + 1);

	if (copy == NULL)
		return pbjson_reader_fail_full(r);
	if (text.len)
		memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	*out_copy = copy;
	return STATUS_OK;
}

status pbjson_reader_skip(struct pbjson_reader *r)
{
	return pbjson_scan_skip(&r->scan) ? STATUS_OK : pbjson_reader_fail_syntax(r);
}
