/*
 * codegen/options.h - the options of methods and fields, read from where protobuf-c leaves
 * extensions: in the unknown fields of the options message.
 */
#ifndef CODEGEN_OPTIONS_H
#define CODEGEN_OPTIONS_H

#include "base/arena.h"
#include "codegen/proto.h"

/* NULL when the option is not there. Read into the arena. */
const codegen_method_options *codegen_options_method(struct arena               *a,
                                                     const codegen_method_proto *m);
const codegen_http_rule      *codegen_options_http(struct arena *a, const codegen_method_proto *m);
const codegen_rules          *codegen_options_rules(struct arena *a, const codegen_field_proto *f);

/* The method's idempotency_level is NO_SIDE_EFFECTS. */
bool codegen_options_is_safe(const codegen_method_proto *m);

/* "GET" and its template, from the rule's oneof; false when it is not set. */
bool codegen_options_pattern(const codegen_http_rule *rule, const char **out_method,
                             const char **out_path);

#endif
