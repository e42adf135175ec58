#include "codegen/names.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Appends name in one case, with '_' before each capital that follows none. */
static char *put_snake(char *to, str name, int (*to_case)(int))
{
	bool was_upper = true;

	for (size_t i = 0; i < name.len; i++) {
		bool is_upper = isupper((unsigned char)name.ptr[i]) != 0;

		if (is_upper && !was_upper)
			*to++ = '_';
		*to++ = (char)to_case((unsigned char)name.ptr[i]);
		was_upper = is_upper;
	}
	return to;
}

static char *put_camel(char *to, str name)
{
	bool next_is_upper = true;

	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '_') {
			next_is_upper = true;
			continue;
		}
		*to++ = next_is_upper ? (char)toupper((unsigned char)name.ptr[i]) : name.ptr[i];
		next_is_upper = false;
	}
	return to;
}

static char *put_lower(char *to, str part)
{
	return put_snake(to, part, tolower);
}

static char *put_upper(char *to, str part)
{
	return put_snake(to, part, toupper);
}

/* Joins the parts of a dotted name by "__"; a part at most doubles in length. */
static char *join_parts(struct arena *a, const char *full_name, char *(*put)(char *, str))
{
	str   rest = str_c(full_name), part;
	char *name = arena_alloc(a, 2 * rest.len + 1), *to = name;

	for (;;) {
		bool is_last = !str_cut(rest, '.', &part, &rest);

		to = put(to, is_last ? rest : part);
		if (is_last)
			break;
		*to++ = '_';
		*to++ = '_';
	}
	*to = '\0';
	return name;
}

char *codegen_names_c_type(struct arena *a, const char *full_name)
{
	return join_parts(a, full_name, put_camel);
}

char *codegen_names_lower(struct arena *a, const char *full_name)
{
	return join_parts(a, full_name, put_lower);
}

char *codegen_names_upper(struct arena *a, const char *full_name)
{
	return join_parts(a, full_name, put_upper);
}

static bool is_keyword(const char *name)
{
	static const char *const keywords[] = {
	        "and",         "and_eq",     "asm",          "auto",
	        "bitand",      "bitor",      "bool",         "break",
	        "case",        "catch",      "char",         "class",
	        "compl",       "const",      "continue",     "default",
	        "delete",      "do",         "double",       "else",
	        "enum",        "explicit",   "extern",       "false",
	        "float",       "for",        "friend",       "goto",
	        "if",          "inline",     "int",          "long",
	        "mutable",     "namespace",  "new",          "not",
	        "not_eq",      "operator",   "or",           "or_eq",
	        "private",     "protected",  "public",       "register",
	        "return",      "short",      "signed",       "sizeof",
	        "static",      "struct",     "switch",       "template",
	        "this",        "throw",      "true",         "try",
	        "typedef",     "typeid",     "typename",     "union",
	        "unsigned",    "using",      "virtual",      "void",
	        "volatile",    "wchar_t",    "while",        "xor",
	        "xor_eq",      "const_cast", "dynamic_cast", "reinterpret_cast",
	        "static_cast",
	};

	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (strcmp(name, keywords[i]) == 0)
			return true;
	return false;
}

char *codegen_names_c_member(struct arena *a, const char *field)
{
	char *name = arena_cstr(a, str_c(field));

	for (char *c = name; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return is_keyword(name) ? arena_printf(a, "%s_", name) : name;
}

static bool is_version(str part)
{
	if (part.len < 2 || part.ptr[0] != 'v')
		return false;
	for (size_t i = 1; i < part.len; i++)
		if (!isdigit((unsigned char)part.ptr[i]))
			return false;
	return true;
}

char *codegen_names_middle(struct arena *a, const char *package)
{
	str rest = str_c(package), middle = rest, part;

	while (str_cut(rest, '.', &part, &rest))
		middle = part;
	return arena_cstr(a, is_version(rest) ? middle : rest);
}

char *codegen_names_prefix(struct arena *a, const char *package)
{
	if (strcmp(package, "google.protobuf") == 0)
		return arena_cstr(a, STR("pb"));
	if (strcmp(package, "canaduck.rpc.v1") == 0)
		return arena_cstr(a, STR("rpcv1"));
	return codegen_names_middle(a, package);
}
