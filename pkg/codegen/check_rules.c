#include <string.h>

#include "codegen/check.h"

static bool is_text(const struct codegen_field *f)
{
	return f->proto->type == CODEGEN_TYPE(STRING);
}

static bool has_length(const struct codegen_field *f)
{
	return is_text(f) || f->proto->type == CODEGEN_TYPE(BYTES);
}

static bool is_number(const struct codegen_field *f)
{
	return !has_length(f) && !f->message && !f->enum_type &&
	       f->proto->type != CODEGEN_TYPE(BOOL);
}

static bool is_list(const struct codegen_field *f)
{
	return f->presence == CODEGEN_REPEATED || f->presence == CODEGEN_MAP;
}

static void check_bounds(const struct codegen_field *f, struct codegen_report *r)
{
	const codegen_rules *rules = f->rules;

	if (rules->max_length > 0 && rules->min_length > rules->max_length)
		codegen_report_refuse(r, f->full_name, "min_length is above max_length");
	if (rules->max_items > 0 && rules->min_items > rules->max_items)
		codegen_report_refuse(r, f->full_name, "min_items is above max_items");
	if (rules->_min_case && rules->_max_case && rules->min > rules->max)
		codegen_report_refuse(r, f->full_name, "min is above max");
}

/* JSON would not know which of two fields is meant. */
static void check_aliases(const struct codegen_message *m, const struct codegen_field *f,
                          struct codegen_report *r)
{
	for (size_t i = 0; i < f->rules->n_alias; i++) {
		const char *alias = f->rules->alias[i];

		for (size_t k = 0; k < m->n_fields; k++)
			if (strcmp(m->fields[k].proto->name, alias) == 0 ||
			    strcmp(m->fields[k].proto->json_name, alias) == 0)
				codegen_report_refuse(r, f->full_name,
				                      "alias \"%s\" is the name of a field", alias);
	}
}

void codegen_check_rules(const struct codegen_message *m, const struct codegen_field *f,
                         struct codegen_report *r)
{
	const codegen_rules *rules = f->rules;

	if ((rules->min_length || rules->max_length) && !has_length(f))
		codegen_report_refuse(r, f->full_name,
		                      "min_length and max_length are for text and bytes");
	if ((rules->_min_case || rules->_max_case) && !is_number(f))
		codegen_report_refuse(r, f->full_name, "min and max are for numbers");
	if ((rules->min_items || rules->max_items) && !is_list(f))
		codegen_report_refuse(r, f->full_name,
		                      "min_items and max_items are for lists and maps");
	if (rules->format && !is_text(f))
		codegen_report_refuse(r, f->full_name, "format is for text");
	if (rules->inline_ && (f->presence != CODEGEN_REPEATED || m->n_fields != 1))
		codegen_report_refuse(r, f->full_name,
		                      "inline is for a list that is alone in its message");
	check_bounds(f, r);
	check_aliases(m, f, r);
}
