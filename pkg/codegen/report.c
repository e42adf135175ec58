#include "codegen/report.h"

#include <stdarg.h>

void codegen_report_init(struct codegen_report *r, struct arena *a)
{
	*r = (struct codegen_report){.a = a};
	buf_init(&r->text, 1024 * 1024);
}

void codegen_report_fini(struct codegen_report *r)
{
	buf_fini(&r->text);
}

void codegen_report_refuse(struct codegen_report *r, const char *full_name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_printf(&r->text, "%s%s: %s: %s", r->text.len > 0 ? "\n" : "", r->file->path, full_name,
	           arena_vprintf(r->a, fmt, ap));
	va_end(ap);
}
