/*
 * The value of an Accept header, alone and behind ranges that decide it: what follows cannot change
 * the weight of a form that is named already.
 */
#include "base/arena.h"
#include "base/mem.h"
#include "edge/accept.h"
#include "test/fuzz/fuzz.h"

#include <string.h>

enum { MAX_BYTES = 1 << 20, JSON = 0, GEOJSON = 1 };

static const str forms[] = {{"application/json", 16}, {"application/geo+json", 20}};

static unsigned choose_behind(str ranges, str rest, struct arena *a)
{
	size_t len = ranges.len + rest.len;
	char  *text = arena_alloc(a, len);

	memcpy(text, ranges.ptr, ranges.len);
	if (rest.len)
		memcpy(text + ranges.len, rest.ptr, rest.len);
	return edge_accept_choose((str){text, len}, forms, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_fini) struct arena a = {.ceiling = MAX_BYTES};
	str                           text = {(const char *)data, size};

	if (size > MAX_BYTES / 8)
		return 0;
	fuzz_require(edge_accept_choose(text, forms, 1) == 0);
	fuzz_require(edge_accept_choose(text, forms, 2) < 2);
	fuzz_require(choose_behind(STR("application/json,"), text, &a) == JSON);
	fuzz_require(choose_behind(STR("application/geo+json,"), text, &a) == GEOJSON);
	fuzz_require(choose_behind(STR("application/geo+json;q=0,"), text, &a) == JSON);
	fuzz_require(choose_behind(STR("application/json;q=0,application/geo+json;q=0.001,"), text,
	                           &a) == GEOJSON);
	return 0;
}
