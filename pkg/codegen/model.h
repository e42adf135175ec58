/*
 * codegen/model.h - what one run of protoc is about, ready to be checked and printed: files with
 * their messages, enums and services, names worked out, types found, options and comments read.
 *
 * Memory:   all in the arena; pointers into the request stay.
 */
#ifndef CODEGEN_MODEL_H
#define CODEGEN_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "codegen/proto.h"

enum codegen_presence {
	CODEGEN_IMPLICIT,
	CODEGEN_OPTIONAL,
	CODEGEN_ONEOF,
	CODEGEN_MESSAGE,
	CODEGEN_REPEATED,
	CODEGEN_MAP,
};

struct codegen_file;
struct codegen_message;
struct codegen_enum;

struct codegen_field {
	const codegen_field_proto    *proto;
	const char                   *full_name;
	const char                   *comment;   /* NULL: none; so everywhere */
	const char                   *member;    /* of the struct */
	const char                   *case_name; /* member that says which of a oneof; NULL: none */
	enum codegen_presence         presence;
	const struct codegen_message *message; /* of a message field or a map's entry; else NULL */
	const struct codegen_enum    *enum_type;
	const codegen_rules          *rules; /* NULL: none */
};

struct codegen_message {
	const codegen_message_proto *proto;
	struct codegen_file         *file;
	const char                  *full_name; /* "canaduck.users.v1.User" */
	const char                  *comment;
	const char                  *c_type;     /* "Canaduck__Users__V1__User" */
	const char                  *descriptor; /* "canaduck__users__v1__user__descriptor" */
	const char                  *name;       /* "users_user" */
	struct codegen_field        *fields;     /* by number */
	size_t                       n_fields;
	bool                         is_map_entry;
};

struct codegen_enum_value {
	const char *name; /* "ROLE_ADMIN" */
	const char *full_name;
	const char *comment;
	const char *c_name;   /* protobuf-c's */
	const char *constant; /* "USERS_ROLE_ADMIN" */
	int32_t     number;
};

struct codegen_enum {
	const codegen_enum_proto  *proto;
	const char                *full_name, *comment, *c_type, *name;
	struct codegen_enum_value *values; /* as declared */
	size_t                     n_values;
};

struct codegen_route {
	const char *http_method, *path;   /* NULL: the rule has no pattern */
	const char *body, *response_body; /* "": none */
	bool        has_nested;           /* an additional binding has additional bindings */
};

struct codegen_method {
	const codegen_method_proto   *proto;
	const char                   *full_name; /* "canaduck.users.v1.Users.GetMe" */
	const char                   *comment;
	const char                   *name;  /* "users_get_me" */
	const char                   *snake; /* "get_me" */
	const struct codegen_message *request, *response;
	const codegen_method_options *options; /* NULL: none */
	struct codegen_route         *routes;
	size_t                        n_routes;
};

struct codegen_service {
	const codegen_service_proto *proto;
	const char                  *full_name, *comment;
	const char                  *name;    /* "users" */
	const char                  *context; /* struct tag of what handlers are given */
	struct codegen_method       *methods;
	size_t                       n_methods;
};

struct codegen_file {
	const codegen_file_proto *proto;
	const char               *path;    /* "canaduck/users/v1/users.proto" */
	const char               *stem;    /* the same without ".proto" */
	const char               *package; /* "canaduck.users.v1" */
	const char               *prefix;  /* "users" */
	const char               *prefix_upper;
	bool                      is_generated;
	struct codegen_message   *messages; /* nested ones after the one they are in */
	size_t                    n_messages;
	struct codegen_enum      *enums;
	size_t                    n_enums;
	struct codegen_service   *services;
	size_t                    n_services;
};

struct codegen_model {
	struct codegen_file *files; /* what is imported comes first */
	size_t               n_files;
};

void codegen_model_build(struct arena *a, const codegen_request *request,
                         struct codegen_model *out_model);

/* The file of that path, which is part of the model. */
const struct codegen_file *codegen_model_file(const struct codegen_model *model, const char *path);

/* The field of a message by its proto name; NULL when there is none. */
const struct codegen_field *codegen_model_field(const struct codegen_message *m, str name);

/* Visits a file and all that it imports, each once, imports first. */
void codegen_model_walk_imports(const struct codegen_model *model, const struct codegen_file *file,
                                void (*on_file)(void *arg, const struct codegen_file *file),
                                void *arg);

#endif
