/*
 * codegen/proto.h - shorter names for what the plugins read and write.
 *
 * The generator cannot use its own typedefs: these stand in for them. No other file of the
 * tree names a type of protobuf-c's making.
 */
#ifndef CODEGEN_PROTO_H
#define CODEGEN_PROTO_H

#include "canaduck/api/v1/options.pb-c.h"
#include "google/api/http.pb-c.h"
#include "google/protobuf/compiler/plugin.pb-c.h"
#include "google/protobuf/descriptor.pb-c.h"

typedef Google__Protobuf__Compiler__CodeGeneratorRequest        codegen_request;
typedef Google__Protobuf__Compiler__CodeGeneratorResponse       codegen_response;
typedef Google__Protobuf__Compiler__CodeGeneratorResponse__File codegen_response_file;

typedef Google__Protobuf__FileDescriptorSet        codegen_file_set;
typedef Google__Protobuf__FileDescriptorProto      codegen_file_proto;
typedef Google__Protobuf__DescriptorProto          codegen_message_proto;
typedef Google__Protobuf__FieldDescriptorProto     codegen_field_proto;
typedef Google__Protobuf__EnumDescriptorProto      codegen_enum_proto;
typedef Google__Protobuf__ServiceDescriptorProto   codegen_service_proto;
typedef Google__Protobuf__MethodDescriptorProto    codegen_method_proto;
typedef Google__Protobuf__SourceCodeInfo__Location codegen_location;

typedef Google__Api__HttpRule     codegen_http_rule;
typedef Canaduck__Api__V1__Method codegen_method_options;
typedef Canaduck__Api__V1__Field  codegen_rules;

#define CODEGEN_TYPE(name)     GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_##name
#define CODEGEN_LABEL(name)    GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_##name
#define CODEGEN_AUTH(name)     CANADUCK__API__V1__METHOD__AUTH__##name
#define CODEGEN_ENVELOPE(name) CANADUCK__API__V1__METHOD__ENVELOPE__##name
#define CODEGEN_FORMAT(name)   CANADUCK__API__V1__FIELD__FORMAT__##name

/* proto3 `optional` is understood. */
#define CODEGEN_FEATURES                                                                           \
	GOOGLE__PROTOBUF__COMPILER__CODE_GENERATOR_RESPONSE__FEATURE__FEATURE_PROTO3_OPTIONAL

#endif
