#include "db/array.h"

#include "base/mem.h"
#include "base/real.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { I64_MAX_CHARS = 20, I64_ROOM = I64_MAX_CHARS + 2 };

const char *db_array_print_i64s(struct arena *a, const int64_t *items, size_t n)
{
	char *literal, *p;

	if (n > SIZE_MAX / I64_ROOM - 1)
		mem_die("db: impossible array");
	literal = p = arena_alloc(a, (n + 1) * I64_ROOM);
	*p++ = '{';
	for (size_t i = 0; i < n; i++)
		p += snprintf(p, I64_ROOM, "%s%" PRId64, i ? "," : "", items[i]);
	*p++ = '}';
	*p = '\0';
	return literal;
}

const char *db_array_print_doubles(struct arena *a, const double *items, size_t n)
{
	char *literal, *p;

	if (n > SIZE_MAX / REAL_BYTES - 1)
		mem_die("db: impossible array");
	literal = p = arena_alloc(a, (n + 1) * REAL_BYTES);
	*p++ = '{';
	for (size_t i = 0; i < n; i++) {
		if (i)
			*p++ = ',';
		p += real_print(p, items[i]);
	}
	*p++ = '}';
	*p = '\0';
	return literal;
}

/* Always quoted: then commas, braces, white space, "" and the word NULL need no thought. */
static char *print_quoted(char *p, str s)
{
	*p++ = '"';
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"' || s.ptr[i] == '\\')
			*p++ = '\\';
		*p++ = s.ptr[i];
	}
	*p++ = '"';
	return p;
}

status db_array_print_texts(struct arena *a, const str *items, size_t n, const char **out_literal)
{
	size_t room = sizeof "{}";
	char  *literal, *p;

	for (size_t i = 0; i < n; i++) {
		if (items[i].len && memchr(items[i].ptr, '\0', items[i].len))
			return status_error(CODE_INVALID_ARGUMENT, "text contains a NUL");
		room += 2 * items[i].len + sizeof "\"\"";
	}
	literal = p = arena_alloc(a, room);
	*p++ = '{';
	for (size_t i = 0; i < n; i++) {
		if (i)
			*p++ = ',';
		p = print_quoted(p, items[i]);
	}
	*p++ = '}';
	*p = '\0';
	*out_literal = literal;
	return STATUS_OK;
}

/* An upper bound: commas within quotes count too. */
static size_t count_at_most(const char *literal)
{
	size_t n = 1;

	for (const char *p = literal; (p = strchr(p, ',')) != NULL; p++)
		n++;
	return n;
}

/* Reads one element into *room, which has place for what is left of the literal. */
static bool parse_item(const char **p, char **room, str *out_item)
{
	bool        is_quoted = **p == '"';
	const char *from = *p;
	char       *to = *room;

	*p += is_quoted;
	while (**p && (is_quoted ? **p != '"' : **p != ',' && **p != '}')) {
		/* Braces are quoted in an element: a bare one opens another dimension. */
		if (!is_quoted && (**p == '{' || **p == '"'))
			return false;
		if (**p == '\\')
			++*p;
		if (**p == '\0')
			return false;
		*to++ = *(*p)++;
	}
	if (**p == '\0' || (!is_quoted && *p == from))
		return false;
	*p += is_quoted;
	*to = '\0';
	*out_item = (str){*room, (size_t)(to - *room)};
	if (!is_quoted && str_eq_nocase(*out_item, STR("null")))
		*out_item = (str){NULL, 0};
	*room = to + 1;
	return true;
}

bool db_array_parse(struct arena *a, const char *literal, const str **out_items, size_t *out_count)
{
	const char *p = literal;
	size_t      n = 0;
	char       *room;
	str        *items;

	if (*p++ != '{')
		return false;
	if (strcmp(p, "}") == 0) {
		*out_items = arena_alloc(a, sizeof **out_items);
		*out_count = 0;
		return true;
	}
	items = arena_alloc(a, count_at_most(p) * sizeof *items);
	room = arena_alloc(a, strlen(p) + 1);
	do {
		if (!parse_item(&p, &room, &items[n]))
			return false;
		n++;
	} while (*p++ == ',');
	if (p[-1] != '}' || *p != '\0')
		return false;
	*out_items = items;
	*out_count = n;
	return true;
}

bool db_array_parse_doubles(struct arena *a, const char *literal, const double **out_items,
                            size_t *out_count)
{
	const char *p = literal;
	double     *items = arena_alloc(a, count_at_most(p) * sizeof *items);
	size_t      n = 0;
	char       *end;

	if (*p++ != '{')
		return false;
	if (strcmp(p, "}") == 0) {
		*out_items = items;
		*out_count = 0;
		return true;
	}
	do {
		items[n++] = strtod(p, &end);
		if (end == p)
			return false;
		p = end;
	} while (*p++ == ',');
	if (p[-1] != '}' || *p != '\0')
		return false;
	*out_items = items;
	*out_count = n;
	return true;
}
