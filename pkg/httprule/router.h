/*
 * httprule/router.h - the router's trie. Private to the module.
 */
#ifndef HTTPRULE_ROUTER_H
#define HTTPRULE_ROUTER_H

#include "httprule/httprule.h"

enum { HTTPRULE_MAX_METHODS = 16 };

struct httprule_route {
	struct httprule_route *next;
	str                    method;
	struct httprule_template template;
	void *target;
};

/* One place in the trie: what can follow the segments that led here, and what ends here. */
struct httprule_node {
	struct httprule_node  *sibling; /* another literal of the same parent */
	str                    literal;
	struct httprule_node  *literals;
	struct httprule_node  *variable;
	struct httprule_route *ends;
	struct httprule_route *rests; /* end here too, with {name=**} for all that follows */
};

struct httprule_router {
	struct arena         arena; /* holds all of the trie */
	struct httprule_node root;
	str                  methods[HTTPRULE_MAX_METHODS];
	unsigned             n_methods;
};

#endif
