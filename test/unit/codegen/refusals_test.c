#include "test/support/test.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

extern char **environ;

static struct arena arena;
static char         dir[] = "/tmp/canaduck-codegen-XXXXXX";

/* What every file of a test starts with. */
#define HEAD(package)                                                                              \
	"syntax = \"proto3\";\npackage " package ";\n"                                             \
	"import \"canaduck/api/v1/options.proto\";\nimport \"google/api/annotations.proto\";\n"

#define AUTH "option (canaduck.api.v1.method) = { auth: PUBLIC };"

/* A service of one method with a route, and its messages. */
#define ROUTE(rule)                                                                                \
	"// S.\nservice S {\n// G.\nrpc Get(Q) returns (R) { option (google.api.http) = { " rule   \
	" }; " AUTH " }\n}\n" MESSAGES
#define MESSAGES                                                                                   \
	"// Q.\nmessage Q {\n// I.\nstring id = 1;\n// L.\nrepeated string list = 2;\n"            \
	"// O.\nQ other = 3;\n}\n// R.\nmessage R {\n// V.\nstring value = 1;\n}\n"

/* A service of one method that lists places, with its route and what else its options say. */
#define PLACES(route, options, fields)                                                             \
	"// S.\nservice S {\n// G.\nrpc Get(Q) returns (L) { " route                               \
	"option (canaduck.api.v1.method) = { auth: PUBLIC lists_places: true " options             \
	" }; }\n}\n// Q.\nmessage Q {}\n// L.\nmessage L {\n// P.\nrepeated P places = 1;\n"       \
	"// N.\nint32 n = 2;\n}\n// P.\nmessage P {\n" fields "}\n"
#define PLACES_ROUTE "option (google.api.http) = { get: \"/x\" response_body: \"places\" }; "
#define PLACE        "// I.\nint64 id = 1;\n// A.\ndouble lat = 2;\n// O.\ndouble lon = 3;\n"
#define NO_PLACES    " is no list of messages with int64 id, double lat and double lon"

/* A message of one field with rules. */
#define FIELD(type, rules)                                                                         \
	"// M.\nmessage M {\n// F.\n" type " f = 1 [(canaduck.api.v1.field) = {" rules "}];\n}\n"

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(arena_printf(&arena, "%s/%s", dir, name), "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* Runs protoc on files of the directory; its output, and whether it failed, come back. */
static const char *run_protoc(const char *const *files, bool *out_failed)
{
	const char                *log = arena_printf(&arena, "%s/log", dir);
	const char                *argv[16] = {PROTOC,
	                                       arena_printf(&arena, "-I%s", dir),
	                                       "-I" PROTO_DIR,
	                                       "-I" PROTOBUF_PROTO_DIR,
	                                       "--plugin=protoc-gen-canaduck=" PLUGIN,
	                                       arena_printf(&arena, "--canaduck_out=%s", dir)};
	posix_spawn_file_actions_t actions;
	char                      *text = arena_zalloc(&arena, 65536);
	int                        wait_status;
	FILE                      *f;
	pid_t                      pid;

	for (size_t i = 0; files[i]; i++)
		argv[6 + i] = files[i];
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC,
	                                 0600);
	assert_int_equal(posix_spawn(&pid, PROTOC, &actions, NULL, (char **)argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(waitpid(pid, &wait_status, 0), pid);
	*out_failed = wait_status != 0;
	f = fopen(log, "r");
	assert_non_null(f);
	(void)fread(text, 1, 65535, f);
	fclose(f);
	return text;
}

static void assert_refused(const char *const *files, const char *message)
{
	bool        failed;
	const char *text = run_protoc(files, &failed);

	if (!failed || !strstr(text, message)) {
		print_error("expected: %s\nprotoc said: %s\n", message, text);
		fail();
	}
}

TEST(what_would_be_wrong_at_run_time_is_refused)
{
	static const struct {
		const char *body, *message;
	} cases[] = {
	        {"service S {}", "t.proto: test.v1.S: a service without a comment"},
	        {"// S.\nservice S {\nrpc Get(Q) returns (R) {" AUTH "}\n}\n" MESSAGES,
	         "t.proto: test.v1.S.Get: an RPC without a comment"},
	        {"message M {}", "t.proto: test.v1.M: a message without a comment"},
	        {"// M.\nmessage M {\nint32 f = 1;\n}",
	         "t.proto: test.v1.M.f: a field without a comment"},
	        {"enum E {\n// V.\nE_UNSPECIFIED = 0;\n}",
	         "t.proto: test.v1.E: an enum without a comment"},
	        {"// E.\nenum E {\nE_UNSPECIFIED = 0;\n}",
	         "t.proto: test.v1.E.E_UNSPECIFIED: an enum value without a comment"},
	        {"// E.\nenum E {\n// V.\nE_NONE = 0;\n}",
	         "test.v1.E.E_NONE: the zero value of an enum must end in _UNSPECIFIED"},
	        {"// S.\nservice S {\n// G.\nrpc Get(Q) returns (R);\n}\n" MESSAGES,
	         "test.v1.S.Get: no option (canaduck.api.v1.method).auth says who may call"},
	        {"// S.\nservice S {\n// G.\nrpc Get(Q) returns (R) { option "
	         "(canaduck.api.v1.method) = { auth: USER status: 404 }; }\n}\n" MESSAGES,
	         "test.v1.S.Get: status 404 is no success"},
	        {"// S.\nservice S {\n// G.\nrpc Get(stream Q) returns (R) {" AUTH
	         "}\n}\n" MESSAGES,
	         "test.v1.S.Get: streaming RPCs are not supported"},
	        {"// S.\nservice S {\n// G.\nrpc Get(Q) returns (stream R) {" AUTH
	         "}\n}\n" MESSAGES,
	         "test.v1.S.Get: streaming RPCs are not supported"},

	        {ROUTE("body: \"*\""), "test.v1.S.Get: an http rule without method and path"},
	        {ROUTE("get: \"no/slash\""), "test.v1.S.Get: path template \"no/slash\": "},
	        {ROUTE("get: \"/x/{nope}\""),
	         "/x/{nope}: variable {nope} is no field of the request"},
	        {ROUTE("get: \"/x/{other.nope}\""),
	         "variable {other.nope} is no field of the request"},
	        {ROUTE("get: \"/x/{id.id}\""),
	         "variable {id.id} leads through a field that is no message"},
	        {ROUTE("get: \"/x/{list}\""), "variable {list} is a list"},
	        {ROUTE("get: \"/x/{other}\""), "variable {other} is a message"},
	        {ROUTE("get: \"/x/{id}/{id}\""),
	         "test.v1.S.Get: path template \"/x/{id}/{id}\": a variable given twice"},
	        {ROUTE("get: \"/x\" body: \"*\""), "test.v1.S.Get: /x: a GET has no body"},
	        {ROUTE("post: \"/x\" body: \"nope\""),
	         "/x: body \"nope\" is no field of the request"},
	        {ROUTE("post: \"/x/{id}\" body: \"id\""),
	         "/x/{id}: {id} is in the path and in the body"},
	        {ROUTE("get: \"/x\" response_body: \"nope\""),
	         "/x: response_body \"nope\" is no field of the response"},
	        {ROUTE("get: \"/x/{id}\" additional_bindings: { get: \"/x/{other.id}\" }"),
	         "test.v1.S.Get: GET /x/{other.id} is also a route of test.v1.S.Get"},
	        {ROUTE("get: \"/x\" additional_bindings: { get: \"/y\" additional_bindings: "
	               "{ get: \"/z\" } }"),
	         "test.v1.S.Get: /y: an additional binding has bindings of its own"},

	        {PLACES("", "", PLACE), "test.v1.S.Get: lists_places is for routes"},
	        {PLACES(PLACES_ROUTE, "envelope: RESULT", PLACE),
	         "test.v1.S.Get: places have no envelope"},
	        {PLACES("option (google.api.http) = { get: \"/x\" }; ", "", PLACE),
	         "test.v1.S.Get: response_body \"\"" NO_PLACES},
	        {PLACES("option (google.api.http) = { get: \"/x\" response_body: \"n\" }; ", "",
	                PLACE),
	         "test.v1.S.Get: response_body \"n\"" NO_PLACES},
	        {PLACES(PLACES_ROUTE, "", "// A.\ndouble lat = 2;\n// O.\ndouble lon = 3;\n"),
	         "test.v1.S.Get: response_body \"places\"" NO_PLACES},
	        {PLACES(PLACES_ROUTE, "",
	                "// I.\nint64 id = 1;\n// A.\nfloat lat = 2;\n// O.\ndouble lon = 3;\n"),
	         "test.v1.S.Get: response_body \"places\"" NO_PLACES},
	        {PLACES(PLACES_ROUTE, "",
	                "// I.\nint64 id = 1;\n// A.\ndouble lat = 2;\n// O.\noptional double lon = "
	                "3;\n"),
	         "test.v1.S.Get: response_body \"places\"" NO_PLACES},

	        {FIELD("int32", "min_length: 1"),
	         "test.v1.M.f: min_length and max_length are for text"},
	        {FIELD("bool", "max_length: 1"),
	         "test.v1.M.f: min_length and max_length are for text"},
	        {FIELD("string", "min: 1"), "test.v1.M.f: min and max are for numbers"},
	        {FIELD("bool", "max: 1"), "test.v1.M.f: min and max are for numbers"},
	        {FIELD("string", "max_items: 1"),
	         "test.v1.M.f: min_items and max_items are for lists"},
	        {FIELD("bytes", "format: EMAIL"), "test.v1.M.f: format is for text"},
	        {FIELD("string", "inline: true"),
	         "test.v1.M.f: inline is for a list that is alone"},
	        {FIELD("map<string, string>", "inline: true"), "test.v1.M.f: inline is for a list"},
	        {"// M.\nmessage M {\n// F.\nrepeated string f = 1 [(canaduck.api.v1.field).inline "
	         "= "
	         "true];\n// G.\nint32 g = 2;\n}",
	         "test.v1.M.f: inline is for a list that is alone in its message"},
	        {FIELD("string", "min_length: 2 max_length: 1"),
	         "f: min_length is above max_length"},
	        {FIELD("repeated string", "min_items: 2 max_items: 1"),
	         "f: min_items is above max_items"},
	        {FIELD("int32", "min: 2 max: 1"), "f: min is above max"},
	        {FIELD("int32", "alias: \"f\""), "test.v1.M.f: alias \"f\" is the name of a field"},
	        {"// A.\nmessage AB {}\n// A.\nmessage A {\n// B.\nmessage B {}\n}\n"
	         "// X.\nmessage A_B {}",
	         "test.v1.A_B: is test_a_b in C, as test.v1.A.B is"},
	};
	static const char *const files[] = {"t.proto", NULL};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		write_file("t.proto", arena_printf(&arena, "%s%s", HEAD("test.v1"), cases[i].body));
		assert_refused(files, cases[i].message);
	}
}

TEST(routes_of_two_files_must_not_be_the_same)
{
	static const char *const files[] = {"a.proto", "b.proto", NULL};

	write_file("a.proto", HEAD("a.v1") ROUTE("delete: \"/x/{id}\""));
	write_file("b.proto", HEAD("b.v1") ROUTE("delete: \"/x/{other.id}\" body: \"*\""));
	assert_refused(files,
	               "b.proto: b.v1.S.Get: DELETE /x/{other.id} is also a route of a.v1.S.Get");
}

TEST(all_refusals_come_at_once)
{
	static const char *const files[] = {"t.proto", NULL};
	bool                     failed;
	const char              *text;

	write_file("t.proto", HEAD("test.v1") "message A {}\nmessage B {}\n");
	text = run_protoc(files, &failed);
	assert_true(failed);
	assert_non_null(strstr(text, "test.v1.A: "));
	assert_non_null(strstr(text, "test.v1.B: "));
}

TEST(what_is_right_passes)
{
	static const char *const files[] = {"t.proto", NULL};
	static const char *const bodies[] = {
	        ROUTE("get: \"/x/{id}/y/{other.id}\""),
	        ROUTE("delete: \"/x\" body: \"*\" response_body: \"value\""),
	        ROUTE("get: \"/x\" additional_bindings: { post: \"/x\" body: \"other\" }"),
	        PLACES(PLACES_ROUTE, "", PLACE),
	        FIELD("bytes", "min_length: 1 max_length: 1"),
	        FIELD("repeated string", "min_items: 1 inline: true max_length: 3"),
	        FIELD("uint64", "min: 1 max: 1"),
	};

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		bool        failed;
		const char *text;

		write_file("t.proto", arena_printf(&arena, "%s%s", HEAD("test.v1"), bodies[i]));
		text = run_protoc(files, &failed);
		if (failed)
			print_error("protoc said: %s\n", text);
		assert_false(failed);
	}
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, SIZE_MAX);
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = {
	        "t.proto",    "a.proto", "b.proto", "log",        "t.schema.h",
	        "t.schema.c", "t.rpc.h", "t.rpc.c", "t.server.h", "t.server.c",
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlink(arena_printf(&arena, "%s/%s", dir, names[i]));
	arena_fini(&arena);
	return rmdir(dir);
}

TEST_MAIN(set_up, tear_down)
