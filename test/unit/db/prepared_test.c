#include "db/prepared.h"

#include "db/query.h"
#include "test/support/test.h"

TEST(a_set_has_what_was_added_however_many)
{
	static const struct db_query queries[500];
	struct db_prepared           p = {0};

	for (size_t i = 0; i < 500; i += 2) {
		assert_false(db_prepared_has(&p, &queries[i]));
		db_prepared_add(&p, &queries[i]);
		db_prepared_add(&p, &queries[i]);
	}
	assert_int_equal(p.n, 250);
	for (size_t i = 0; i < 500; i++)
		assert_int_equal(db_prepared_has(&p, &queries[i]), i % 2 == 0);
	db_prepared_fini(&p);
	assert_false(db_prepared_has(&p, &queries[0]));
	db_prepared_fini(&p);
}

TEST_MAIN()
