/*
 * integration/services/plans.h - how PostgreSQL would run the statements of a service.
 */
#ifndef TEST_INTEGRATION_SERVICES_PLANS_H
#define TEST_INTEGRATION_SERVICES_PLANS_H

#include "runtime/service.h"
#include "test/e2e/sql.h"

struct plans_statement {
	const char *file, *name, *parameters; /* NULL: it has none */
};

/* Opens an empty database of the service's schema, with a session as the service's are. */
void plans_open(struct sql *sql, const struct runtime_service *service);

/*
 * Fails the test if the statement, which is linked in, uses no index or reads a whole table, be its
 * plan made for these parameters or for any.
 */
void plans_look(struct sql *sql, const struct plans_statement *statement);

/*
 * Runs the statement by either plan and undoes it. Fails the test if it looks at more than so many
 * rows anywhere, those too that it then passes over.
 */
void plans_bound(struct sql *sql, const struct plans_statement *statement, long most_rows);

#endif
