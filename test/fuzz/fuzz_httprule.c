/*
 * Lines: templates first, each a route of GET, until an empty line; what follows is a raw path.
 * A route that is found must be one that was added, its template must read the same again, and no
 * decoded text holds a NUL or is other than UTF-8.
 */
#include "base/mem.h"
#include "base/utf8.h"
#include "httprule/httprule.h"
#include "test/fuzz/fuzz.h"

enum { MAX_ROUTES = 32, MAX_BYTES = 1 << 20 };

static void router_freep(struct httprule_router **r)
{
	httprule_router_free(*r);
}

static void require_text(str s)
{
	fuzz_require(utf8_is_valid(s) && str_find(s, '\0') < 0);
}

/* Whether a template is taken, alone or with others, does not change. */
static void add(struct httprule_router *r, str text, struct arena *a)
{
	struct httprule_template t;
	enum code                parsed = httprule_parse(text, a, &t).code;
	enum code                added = httprule_router_add(r, STR("GET"), text, r, a).code;

	fuzz_require(parsed == CODE_OK ? added == CODE_OK || added == CODE_ALREADY_EXISTS
	                               : added == CODE_INVALID_ARGUMENT);
	if (parsed != CODE_OK)
		return;
	fuzz_require(httprule_is_same(&t, &t));
	fuzz_require(httprule_router_add(r, STR("GET"), text, r, a).code == CODE_ALREADY_EXISTS);
}

static void find(const struct httprule_router *r, str path, struct arena *a)
{
	struct httprule_match m;
	str                   allow;
	status                st = httprule_router_find(r, STR("GET"), path, a, &m, &allow);

	fuzz_require(st.code != CODE_UNIMPLEMENTED);
	if (st.code == CODE_OK) {
		fuzz_require(m.target == r && m.n_variables <= HTTPRULE_MAX_VARIABLES);
		for (unsigned i = 0; i < m.n_variables; i++)
			require_text(m.variables[i].value);
	}
	/* Another method sees the same paths, and is told of GET. */
	if (httprule_router_find(r, STR("PUT"), path, a, &m, &allow).code == CODE_UNIMPLEMENTED)
		fuzz_require(st.code == CODE_OK && str_eq(allow, STR("GET")));
	else
		fuzz_require(st.code != CODE_OK);
}

static void decode(str raw, struct arena *a)
{
	str text;

	for (int is_query = 0; is_query <= 1; is_query++)
		if (httprule_decode(raw, is_query, a, &text).code == CODE_OK)
			require_text(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_fini) struct arena              a = {.ceiling = MAX_BYTES};
	AUTO(router_freep) struct httprule_router *r = httprule_router_new();
	str                                        rest = {(const char *)data, size}, line;

	for (int i = 0; i < MAX_ROUTES && str_cut(rest, '\n', &line, &rest) && line.len > 0; i++)
		add(r, line, &a);
	find(r, rest, &a);
	decode(rest, &a);
	return 0;
}
