#include "httprule/httprule.h"

#include <string.h>

#include "test/support/test.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct arena arena;

static int setup(void **state __attribute__((unused)))
{
	arena_init(&arena, 1 << 20);
	return 0;
}

static int teardown(void **state __attribute__((unused)))
{
	arena_fini(&arena);
	return 0;
}

/* A template in one line: "users {id} {rest**} :verb". */
static const char *show(const struct httprule_template *t)
{
	const char *line = "";

	for (unsigned i = 0; i < t->n_segments; i++) {
		const struct httprule_segment *s = &t->segments[i];
		const char                    *form = s->kind == HTTPRULE_LITERAL    ? "%s%s%.*s"
		                                      : s->kind == HTTPRULE_VARIABLE ? "%s%s{%.*s}"
		                                                                     : "%s%s{%.*s**}";

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		line = arena_printf(&arena, form, line, i ? " " : "", STR_ARG(s->text));
#pragma GCC diagnostic pop
	}
	return t->verb.len ? arena_printf(&arena, "%s :%.*s", line, STR_ARG(t->verb)) : line;
}

TEST(a_template_is_cut_into_segments_and_verb)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
	        {"/users", "users"},
	        {"/users/{id}", "users {id}"},
	        {"/users/{id=*}/routes", "users {id} routes"},
	        {"/docs/{path=**}", "docs {path**}"},
	        {"/{path=**}", "{path**}"},
	        {"/v1/{channel.name}:ban", "v1 {channel.name} :ban"},
	        {"/docs/{path=**}:raw", "docs {path**} :raw"},
	        {"/users:search", "users :search"},
	        {"/a-b_c.d~e/@me/x=1", "a-b_c.d~e @me x=1"},
	        {"/", ""},
	        {"/users/", "users "},
	        {"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}", "{a} {b} {c} {d} {e} {f} {g} {h}"},
	        {"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16",
	         "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct httprule_template t;

		assert_status(httprule_parse(str_c(cases[i].text), &arena, &t), CODE_OK);
		assert_string_equal(show(&t), cases[i].shown);
	}
}

TEST(a_bad_template_is_refused_with_the_reason)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
	        {"", "no leading slash"},
	        {"users", "no leading slash"},
	        {"/users//x", "empty segment"},
	        {"//", "empty segment"},
	        {"/{id", "no closing brace"},
	        {"/{", "no closing brace"},
	        {"/{id}x", "no closing brace"},
	        {"/x{id}", "cannot stand in a literal"},
	        {"/{}", "no field name"},
	        {"/{=*}", "no field name"},
	        {"/{1a}", "no field name"},
	        {"/{a..b}", "no field name"},
	        {"/{a.}", "no field name"},
	        {"/{a-b}", "no field name"},
	        {"/{id=}", "a pattern other than"},
	        {"/{id=users/*}", "no closing brace"},
	        {"/{id=x}", "a pattern other than"},
	        {"/{path=**}/x", "** before the last segment"},
	        {"/*", "cannot stand in a literal"},
	        {"/**", "cannot stand in a literal"},
	        {"/%41", "cannot stand in a literal"},
	        {"/a b", "cannot stand in a literal"},
	        {"/caf\xc3\xa9", "cannot stand in a literal"},
	        {"/a?b", "cannot stand in a literal"},
	        {"/a:b/c", "cannot stand in a literal"},
	        {"/a:", "no verb"},
	        {"/a:b:c", "no verb"},
	        {"/:b", "a verb of nothing"},
	        {"/{a}/x/{a}", "a variable given twice"},
	        {"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", "too many variables"},
	        {"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", "too many segments"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct httprule_template t = {.n_segments = 77};
		status                   st = httprule_parse(str_c(cases[i].text), &arena, &t);

		assert_status(st, CODE_INVALID_ARGUMENT);
		if (strstr(st.msg, cases[i].reason) == NULL)
			fail_msg("%s: %s", cases[i].text, st.msg);
		assert_int_equal(t.n_segments, 77);
	}
}

TEST(a_nul_byte_in_a_template_is_refused)
{
	struct httprule_template t;

	assert_status(httprule_parse(STR("/a\0b"), &arena, &t), CODE_INVALID_ARGUMENT);
}

TEST(templates_are_the_same_when_they_match_the_same_paths)
{
	static const struct {
		const char *a, *b;
		bool        is_same;
	} cases[] = {
	        {"/users/{id}", "/users/{pseudo}", true},
	        {"/users/{id=*}", "/users/{id}", true},
	        {"/d/{a=**}", "/d/{b=**}", true},
	        {"/d/{a=**}", "/d/{a}", false},
	        {"/users/{id}", "/users/me", false},
	        {"/users", "/users/", false},
	        {"/users", "/user", false},
	        {"/a:x", "/a:y", false},
	        {"/a:x", "/a", false},
	        {"/{a}:x", "/{b}:x", true},
	        {"/a/b", "/a", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct httprule_template a, b;

		assert_status(httprule_parse(str_c(cases[i].a), &arena, &a), CODE_OK);
		assert_status(httprule_parse(str_c(cases[i].b), &arena, &b), CODE_OK);
		assert_int_equal(httprule_is_same(&a, &b), cases[i].is_same);
		assert_int_equal(httprule_is_same(&b, &a), cases[i].is_same);
	}
}

TEST_MAIN(setup, teardown)
