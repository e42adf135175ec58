#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/check.h"

/* Something that will have a name in C. */
struct thing {
	const char                *name, *full_name;
	const struct codegen_file *file;
};

struct things {
	struct thing *items; /* grows by doubling */
	size_t        count, size;
};

static void add(struct things *t, const char *name, const char *full_name,
                const struct codegen_file *file)
{
	if (t->count == t->size) {
		t->size = t->size > 0 ? 2 * t->size : 64;
		t->items = mem_realloc(t->items, t->size * sizeof *t->items);
	}
	t->items[t->count++] = (struct thing){name, full_name, file};
}

static void add_file(struct things *t, const struct codegen_file *f)
{
	for (size_t i = 0; i < f->n_messages; i++)
		add(t, f->messages[i].name, f->messages[i].full_name, f);
	for (size_t i = 0; i < f->n_enums; i++) {
		const struct codegen_enum *e = &f->enums[i];

		add(t, e->name, e->full_name, f);
		for (size_t k = 0; k < e->n_values; k++)
			add(t, e->values[k].constant, e->values[k].full_name, f);
	}
	for (size_t i = 0; i < f->n_services; i++)
		for (size_t k = 0; k < f->services[i].n_methods; k++)
			add(t, f->services[i].methods[k].name, f->services[i].methods[k].full_name,
			    f);
}

static int compare(const void *left, const void *right)
{
	const struct thing *l = left, *r = right;
	int                 order = strcmp(l->name, r->name);

	return order != 0 ? order : strcmp(l->full_name, r->full_name);
}

void codegen_check_names(const struct codegen_model *model, struct codegen_report *r)
{
	struct things t = {0};

	for (size_t i = 0; i < model->n_files; i++)
		if (model->files[i].is_generated)
			add_file(&t, &model->files[i]);
	if (t.count > 0)
		qsort(t.items, t.count, sizeof *t.items, compare);
	for (size_t i = 1; i < t.count; i++)
		if (strcmp(t.items[i - 1].name, t.items[i].name) == 0) {
			r->file = t.items[i].file;
			codegen_report_refuse(r, t.items[i].full_name, "is %s in C, as %s is",
			                      t.items[i].name, t.items[i - 1].full_name);
		}
	mem_free(t.items);
}
