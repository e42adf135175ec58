/*
 * codegen/check.h - what the generator refuses, so that no service starts with it.
 *
 * google.* and canaduck.api.* are not checked: they follow others' rules.
 */
#ifndef CODEGEN_CHECK_H
#define CODEGEN_CHECK_H

#include "codegen/model.h"
#include "codegen/report.h"

/* Checks all files that code is generated for. */
void codegen_check_model(const struct codegen_model *model, struct codegen_report *r);

/* The rules of one field (check_rules.c). */
void codegen_check_rules(const struct codegen_message *m, const struct codegen_field *f,
                         struct codegen_report *r);

/* The routes of all methods, also against each other (check_routes.c). */
void codegen_check_routes(const struct codegen_model *model, struct codegen_report *r);

/* What a method that lists places answers with (check_places.c). */
void codegen_check_places(const struct codegen_method *m, struct codegen_report *r);

/* No two things may have one name in C (check_names.c). */
void codegen_check_names(const struct codegen_model *model, struct codegen_report *r);

/* The file is generated and follows our rules. */
bool codegen_check_applies(const struct codegen_file *f);

#endif
