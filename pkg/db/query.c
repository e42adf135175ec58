#include "db/query.h"

/*
 * The linker's own bounds of the section. Weak: a program without queries has none. The
 * section is found by its name alone, so clang's and gcc's sanitizers leave it unpadded.
 */
extern const struct db_query *const __start_db_queries[] __attribute__((weak));
extern const struct db_query *const __stop_db_queries[] __attribute__((weak));

const struct db_query *const *db_queries(size_t *out_count)
{
	const struct db_query *const *first = __start_db_queries;

	*out_count = first ? (size_t)(__stop_db_queries - first) : 0;
	return first;
}
