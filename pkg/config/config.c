#include "config/config.h"

#include "base/mem.h"
#include "config/value.h"

#include <stdio.h>

/* What the member holds when nothing is set, or something wrong. */
static void store_fallback(const struct config_field *f, void *out_struct)
{
	void *member = (char *)out_struct + f->offset;

	/* A fallback need not meet a string's minimum: "" may stand for "not used". */
	if (f->type == CONFIG_TYPE_STR) {
		*(const char **)member = f->fallback ? f->fallback : "";
		return;
	}
	if (f->fallback == NULL) {
		if (f->type == CONFIG_TYPE_BOOL)
			*(bool *)member = false;
		else
			*(uint32_t *)member = 0;
		return;
	}
	if (!config_value_store(f, f->fallback, out_struct)) {
		fprintf(stderr, "%s: ", f->env);
		mem_die("config: the default is no right value");
	}
}

static void load_field(const struct config_field *f, void *out_struct, struct buf *mistakes)
{
	const char *text;

	store_fallback(f, out_struct);
	if (!config_value_read(f, &text, mistakes))
		return;
	if (text == NULL || (*text == '\0' && f->fallback == NULL)) {
		if (f->fallback == NULL)
			buf_printf(mistakes, "%s: must be set (%s)\n", f->env, f->help);
		return;
	}
	if (!config_value_store(f, text, out_struct)) {
		buf_printf(mistakes, "%s: must be ", f->env);
		config_value_describe(f, mistakes);
		buf_put_c(mistakes, '\n');
	}
}

void config_load(const struct config_field *fields, void *out_struct, struct buf *mistakes)
{
	for (const struct config_field *f = fields; f->env; f++)
		load_field(f, out_struct, mistakes);
}

static const char *shown_fallback(const struct config_field *f)
{
	if (f->fallback == NULL)
		return "(required)";
	if (*f->fallback == '\0')
		return "-";
	return f->is_secret ? "***" : f->fallback;
}

/* Spaces up to the column, counted from `start`; at least one. */
static void pad(struct buf *out, size_t start, size_t column)
{
	do
		buf_put_c(out, ' ');
	while (!out->is_overflown && out->len - start < column);
}

void config_print_help(const struct config_field *fields, struct buf *out)
{
	for (const struct config_field *f = fields; f->env; f++) {
		size_t start = out->len;

		buf_printf(out, "  %s%s", f->env, f->is_secret ? "[_FILE]" : "");
		pad(out, start, 32);
		buf_put(out, str_c(shown_fallback(f)));
		pad(out, start, 52);
		buf_put(out, str_c(f->help));
		if (f->type != CONFIG_TYPE_STR || f->min) {
			buf_put(out, STR(" ("));
			config_value_describe(f, out);
			buf_put(out, STR(")"));
		}
		buf_put_c(out, '\n');
	}
}

void config_print_values(const struct config_field *fields, const void *loaded, struct buf *out)
{
	for (const struct config_field *f = fields; f->env; f++) {
		const void *member = (const char *)loaded + f->offset;

		buf_printf(out, "%s=", f->env);
		switch (f->type) {
		case CONFIG_TYPE_STR: {
			const char *text = *(const char *const *)member;

			buf_put(out, str_c(f->is_secret && *text ? "***" : text));
			break;
		}
		case CONFIG_TYPE_U32:
			buf_put_u64(out, *(const uint32_t *)member);
			break;
		case CONFIG_TYPE_BOOL:
			buf_put(out, *(const bool *)member ? STR("true") : STR("false"));
			break;
		case CONFIG_TYPE_ENUM:
			buf_put(out, str_c(f->choices[*(const uint32_t *)member]));
			break;
		}
		buf_put_c(out, '\n');
	}
}
