#include "httprule/httprule.h"

#include <string.h>

#include "test/support/test.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct arena            arena;
static struct httprule_router *router;

/* A target is its own template text. */
static const char *const routes[][2] = {
        {"GET", "/"},
        {"GET", "/users"},
        {"POST", "/users"},
        {"GET", "/users/"},
        {"GET", "/users/me"},
        {"PATCH", "/users/me"},
        {"GET", "/users/me/routes/{id}"},
        {"GET", "/users/{id}"},
        {"DELETE", "/users/{id}"},
        {"GET", "/users/{id}/posts"},
        {"POST", "/user/status"},
        {"DELETE", "/user/{pseudo}"},
        {"GET", "/user/roles/{pseudo}"},
        {"DELETE", "/user/roles/{pseudo}/{role}"},
        {"GET", "/a/{x}/c"},
        {"GET", "/a/b/d"},
        {"GET", "/docs/{path=**}"},
        {"GET", "/docs/index"},
        {"GET", "/docs/{page}/print"},
        {"POST", "/items/{name}:copy"},
        {"GET", "/items/{name}"},
        {"POST", "/items:sweep"},
        {"GET", "/files/{path=**}:raw"},
};

static int setup(void **state __attribute__((unused)))
{
	arena_init(&arena, 1 << 20);
	router = httprule_router_new();
	for (size_t i = 0; i < COUNT(routes); i++) {
		status st = httprule_router_add(router, str_c(routes[i][0]), str_c(routes[i][1]),
		                                (void *)routes[i][1], &arena);

		if (st.code != CODE_OK)
			fail_msg("%s: %s", routes[i][1], st.msg);
	}
	return 0;
}

static int teardown(void **state __attribute__((unused)))
{
	httprule_router_free(router);
	arena_fini(&arena);
	return 0;
}

/* "/users/{id} id=7", or "404", "400", "405 GET, POST". */
static const char *find(const char *method, str path)
{
	struct httprule_match m;
	str                   methods;
	const char           *line;
	status st = httprule_router_find(router, str_c(method), path, &arena, &m, &methods);

	if (st.code == CODE_NOT_FOUND)
		return "404";
	if (st.code == CODE_INVALID_ARGUMENT)
		return "400";
	if (st.code == CODE_UNIMPLEMENTED)
		return arena_printf(&arena, "405 %.*s", STR_ARG(methods));
	assert_status(st, CODE_OK);
	line = m.target;
	for (unsigned i = 0; i < m.n_variables; i++)
		line = arena_printf(&arena, "%s %.*s=%.*s", line, STR_ARG(m.variables[i].name),
		                    STR_ARG(m.variables[i].value));
	return line;
}

TEST(a_path_finds_its_route)
{
	static const struct {
		const char *method, *path, *found;
	} cases[] = {
	        /* literals, variables */
	        {"GET", "/", "/"},
	        {"GET", "/users", "/users"},
	        {"POST", "/users", "/users"},
	        {"GET", "/users/7", "/users/{id} id=7"},
	        {"GET", "/users/me", "/users/me"},
	        {"GET", "/users/me2", "/users/{id} id=me2"},
	        {"GET", "/users/me/posts", "/users/{id}/posts id=me"},
	        {"GET", "/users/me/routes/3", "/users/me/routes/{id} id=3"},
	        {"DELETE", "/user/roles/bob/editor",
	         "/user/roles/{pseudo}/{role} pseudo=bob role=editor"},
	        {"GET", "/a/b/d", "/a/b/d"},
	        {"GET", "/a/b/c", "/a/{x}/c x=b"},
	        {"GET", "/nothing", "404"},
	        {"GET", "/users/7/nothing", "404"},
	        {"GET", "/Users", "404"},
	        /* the method takes part */
	        {"DELETE", "/users/me", "/users/{id} id=me"},
	        {"DELETE", "/user/status", "/user/{pseudo} pseudo=status"},
	        {"DELETE", "/user/roles", "/user/{pseudo} pseudo=roles"},
	        {"PUT", "/users", "405 GET, POST"},
	        {"PUT", "/users/me", "405 DELETE, GET, PATCH"},
	        {"PUT", "/users/7", "405 DELETE, GET"},
	        {"HEAD", "/users", "405 GET, POST"},
	        {"get", "/users", "405 GET, POST"},
	        /* slashes, dots, empty segments */
	        {"GET", "/users/", "/users/"},
	        {"POST", "/users/", "405 GET"},
	        {"GET", "/users/7/", "404"},
	        {"GET", "//users", "404"},
	        {"GET", "/users//posts", "404"},
	        {"GET", "/users/.", "404"},
	        {"GET", "/users/..", "404"},
	        {"GET", "/users/%2e%2E", "404"},
	        {"GET", "/users/...", "/users/{id} id=..."},
	        {"GET", "users", "404"},
	        {"GET", "*", "404"},
	        {"GET", "", "404"},
	        /* percent codes, each segment by itself */
	        {"GET", "/users/a%2Fb", "/users/{id} id=a/b"},
	        {"GET", "/users%2F7", "404"},
	        {"GET", "/users/%6De", "/users/me"},
	        {"GET", "/users/%6De%3a", "/users/{id} id=me:"},
	        {"GET", "/users/caf%C3%A9", "/users/{id} id=caf\xc3\xa9"},
	        {"GET", "/users/a+b", "/users/{id} id=a+b"},
	        {"GET", "/users/%7Bid%7D", "/users/{id} id={id}"},
	        {"GET", "/users/a%00b", "400"},
	        {"GET", "/users/%4", "400"},
	        {"GET", "/users/%", "400"},
	        {"GET", "/users/%ff", "400"},
	        {"GET", "/users/%C3/%A9", "400"},
	        {"GET", "/nothing/%zz", "400"},
	        /* the rest */
	        {"GET", "/docs", "/docs/{path=**} path="},
	        {"GET", "/docs/a", "/docs/{path=**} path=a"},
	        {"GET", "/docs/a/b/c", "/docs/{path=**} path=a/b/c"},
	        {"GET", "/docs/a%2fb/c%20d", "/docs/{path=**} path=a%2fb/c d"},
	        {"GET", "/docs/index", "/docs/index"},
	        {"GET", "/docs/index/x", "/docs/{path=**} path=index/x"},
	        {"GET", "/docs/x/print", "/docs/{page}/print page=x"},
	        {"GET", "/docs/x/print/y", "/docs/{path=**} path=x/print/y"},
	        {"GET", "/docs/../x", "404"},
	        {"GET", "/docs/x/%2e%2e", "404"},
	        {"GET", "/docs/", "404"},
	        {"GET", "/docs/a//b", "404"},
	        {"POST", "/docs/a/b", "405 GET"},
	        /* verbs */
	        {"POST", "/items/x:copy", "/items/{name}:copy name=x"},
	        {"POST", "/items/x:y:copy", "/items/{name}:copy name=x:y"},
	        {"POST", "/items/x%3Acopy", "405 GET"},
	        {"GET", "/items/x:copy", "/items/{name} name=x:copy"},
	        {"PUT", "/items/x:copy", "405 GET, POST"},
	        {"GET", "/items/x:other", "/items/{name} name=x:other"},
	        {"GET", "/items/x:", "/items/{name} name=x:"},
	        {"GET", "/items/:copy", "/items/{name} name=:copy"},
	        {"POST", "/items:sweep", "/items:sweep"},
	        {"POST", "/items", "404"},
	        {"GET", "/files/a/b:raw", "/files/{path=**}:raw path=a/b"},
	        {"GET", "/files/a/b", "404"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *found = find(cases[i].method, str_c(cases[i].path));

		if (strcmp(found, cases[i].found) != 0)
			fail_msg("%s %s: %s, not %s", cases[i].method, cases[i].path, found,
			         cases[i].found);
	}
}

TEST(a_raw_nul_in_a_path_is_refused)
{
	assert_string_equal(find("GET", STR("/users/a\0b")), "400");
}

TEST(a_path_has_its_limit_of_segments)
{
	char path[2 * HTTPRULE_MAX_PATH_SEGMENTS + 16] = "/docs";

	for (unsigned i = 1; i < HTTPRULE_MAX_PATH_SEGMENTS; i++)
		memcpy(path + 3 + 2 * i, "/x", 2);
	assert_int_equal(strncmp(find("GET", str_c(path)), "/docs/{path=**} path=x/x", 24), 0);
	memcpy(path + 3 + 2 * HTTPRULE_MAX_PATH_SEGMENTS, "/x", 2);
	assert_string_equal(find("GET", str_c(path)), "404");
}

TEST(a_conflict_is_refused_at_adding)
{
	static const struct {
		const char *method, *text;
		enum code   code;
	} cases[] = {
	        {"GET", "/users/{name}", CODE_ALREADY_EXISTS},
	        {"GET", "/users", CODE_ALREADY_EXISTS},
	        {"GET", "/docs/{other=**}", CODE_ALREADY_EXISTS},
	        {"POST", "/items/{x}:copy", CODE_ALREADY_EXISTS},
	        {"GET", "/bad/{", CODE_INVALID_ARGUMENT},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_status(httprule_router_add(router, str_c(cases[i].method),
		                                  str_c(cases[i].text), NULL, &arena),
		              cases[i].code);
}

TEST(a_router_knows_up_to_sixteen_methods)
{
	struct httprule_router *r = httprule_router_new();
	struct httprule_match   m;
	str                     methods;
	char                    name[] = "M?";

	for (int i = 0; i < 17; i++) {
		name[1] = (char)('a' + 16 - i);
		assert_status(httprule_router_add(r, str_c(name), STR("/"), NULL, &arena),
		              i < 16 ? CODE_OK : CODE_INVALID_ARGUMENT);
	}
	assert_status(httprule_router_find(r, STR("GET"), STR("/"), &arena, &m, &methods),
	              CODE_UNIMPLEMENTED);
	assert_str(methods, "Mb, Mc, Md, Me, Mf, Mg, Mh, Mi, Mj, Mk, Ml, Mm, Mn, Mo, Mp, Mq");
	httprule_router_free(r);
	httprule_router_free(NULL);
}

TEST(a_path_longer_than_the_arenas_ceiling_is_refused)
{
	struct arena          a;
	struct httprule_match m;
	str                   methods;

	arena_init(&a, 8);
	assert_status(httprule_router_find(router, STR("GET"), STR("/users/0123456789"), &a, &m,
	                                   &methods),
	              CODE_RESOURCE_EXHAUSTED);
	arena_fini(&a);
}

TEST_MAIN(setup, teardown)
