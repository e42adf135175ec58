/*
 * codegen/names.h - how things of a proto are called in C: by protobuf-c, and by us.
 *
 * protobuf-c's names follow c_helpers.cc of its compiler. Results are in the arena.
 */
#ifndef CODEGEN_NAMES_H
#define CODEGEN_NAMES_H

#include "base/arena.h"

/* "canaduck.users.v1.GetUserRequest" -> "Canaduck__Users__V1__GetUserRequest". */
char *codegen_names_c_type(struct arena *a, const char *full_name);

/*
 * -> "canaduck__users__v1__get_user_request"; a name without dots just becomes snake_case:
 * "GetUser" -> "get_user".
 */
char *codegen_names_lower(struct arena *a, const char *full_name);

/* The same in capitals. */
char *codegen_names_upper(struct arena *a, const char *full_name);

/* The struct's member of a field: lower case, with a '_' after what is a keyword of C++. */
char *codegen_names_c_member(struct arena *a, const char *field);

/*
 * Our prefix for what a package defines, "users" for canaduck.users.v1: the part before the
 * version. Two would meet others' names: google.protobuf is "pb", canaduck.rpc.v1 is "rpcv1".
 */
char *codegen_names_prefix(struct arena *a, const char *package);

/* The part before the version, whatever the package. */
char *codegen_names_middle(struct arena *a, const char *package);

#endif
