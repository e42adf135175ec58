#include "httprule/router.h"

#include "base/mem.h"

struct httprule_router *httprule_router_new(void)
{
	struct httprule_router *r = mem_zalloc(sizeof *r);

	arena_init(&r->arena, 0);
	return r;
}

void httprule_router_free(struct httprule_router *r)
{
	if (r == NULL)
		return;
	arena_fini(&r->arena);
	mem_free(r);
}

static struct httprule_node *enter_literal(struct httprule_router *r, struct httprule_node *n,
                                           str literal)
{
	struct httprule_node *child = n->literals;

	while (child && !str_eq(child->literal, literal))
		child = child->sibling;
	if (child)
		return child;
	child = arena_zalloc(&r->arena, sizeof *child);
	child->literal = literal;
	child->sibling = n->literals;
	n->literals = child;
	return child;
}

static struct httprule_node *enter_variable(struct httprule_router *r, struct httprule_node *n)
{
	if (n->variable == NULL)
		n->variable = arena_zalloc(&r->arena, sizeof *n->variable);
	return n->variable;
}

/* The list that the template's route belongs in; all in it differ by method and verb only. */
static struct httprule_route **enter(struct httprule_router *r, const struct httprule_template *t)
{
	struct httprule_node *n = &r->root;

	for (unsigned i = 0; i < t->n_segments; i++) {
		const struct httprule_segment *s = &t->segments[i];

		if (s->kind == HTTPRULE_REST)
			return &n->rests;
		n = s->kind == HTTPRULE_LITERAL ? enter_literal(r, n, s->text)
		                                : enter_variable(r, n);
	}
	return &n->ends;
}

static bool learn_method(struct httprule_router *r, str method)
{
	for (unsigned i = 0; i < r->n_methods; i++)
		if (str_eq(r->methods[i], method))
			return true;
	if (r->n_methods == HTTPRULE_MAX_METHODS)
		return false;
	r->methods[r->n_methods++] = method;
	return true;
}

status httprule_router_add(struct httprule_router *r, str method, str text, void *target,
                           struct arena *a)
{
	struct httprule_template t;
	struct httprule_route  **list, *route;

	method = arena_dup(&r->arena, method);
	TRY(httprule_parse(arena_dup(&r->arena, text), a, &t));
	if (!learn_method(r, method))
		return status_error(CODE_INVALID_ARGUMENT, "too many methods");
	list = enter(r, &t);
	for (route = *list; route; route = route->next)
		if (str_eq(route->method, method) && str_eq(route->template.verb, t.verb))
			return status_errorf(a, CODE_ALREADY_EXISTS,
			                     "%.*s %.*s matches what another route matches",
			                     STR_ARG(method), STR_ARG(text));
	route = arena_alloc(&r->arena, sizeof *route);
	*route = (struct httprule_route){*list, method, t, target};
	*list = route;
	return STATUS_OK;
}
