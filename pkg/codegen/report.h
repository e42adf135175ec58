/*
 * codegen/report.h - what is wrong with the protos; all of it at once.
 */
#ifndef CODEGEN_REPORT_H
#define CODEGEN_REPORT_H

#include "base/buf.h"
#include "codegen/model.h"

struct codegen_report {
	struct arena              *a;
	const struct codegen_file *file; /* under check */
	struct buf                 text; /* a line for each refusal */
};

void codegen_report_init(struct codegen_report *r, struct arena *a);
void codegen_report_fini(struct codegen_report *r);

/* Adds "users.proto: canaduck.users.v1.Users.GetMe: <message>". */
void codegen_report_refuse(struct codegen_report *r, const char *full_name, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

#endif
