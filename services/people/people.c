#include "services/people/people.h"

#include "canaduck/users/v1/users.rpc.h"
#include "db/db.h"

#include <string.h>

static char deleted_name[] = "deleted";

static struct people_person shown(char *pseudo, bool is_deleted, bool is_admin)
{
	if (is_deleted)
		return (struct people_person){.pseudo = deleted_name, .is_deleted = true};
	return (struct people_person){.pseudo = pseudo, .is_admin = is_admin};
}

/* Fills what the table knows; counts what is still missing. */
static status from_table(const struct people *p, struct rpc_call *call, const int64_t *ids,
                         size_t n, struct people_person *people, size_t *out_missing)
{
	struct db_rows *rows;
	size_t          missing = 0;

	TRY(db_read(p->db, &call->arena, p->queries->select, DB_ARGS(DB_I64S(ids, n)), &rows));
	for (size_t i = 0; i < n; i++) {
		for (size_t row = 0; row < db_rows_count(rows) && !people[i].pseudo; row++)
			if (db_rows_i64(rows, row, 0) == ids[i])
				people[i] = shown(db_rows_cstr(rows, row, 1),
				                  db_rows_bool(rows, row, 2),
				                  db_rows_bool(rows, row, 3));
		missing += people[i].pseudo == NULL;
	}
	*out_missing = missing;
	return STATUS_OK;
}

struct people_row people_row_of(const struct people *p, const users_person *person)
{
	const char *picture = users_person_has_picture(person) ? person->picture : NULL;

	return (struct people_row){
	        .args = {DB_I64(person->account_id), DB_CSTR(person->pseudo),
	                 DB_CSTR_OR_NULL(picture), DB_BOOL(person->deleted),
	                 DB_I64(person->version), DB_BOOL(person->is_admin)},
	        .n_args = p->queries->has_roles ? 6 : 5,
	};
}

status people_keep(const struct people *p, struct rpc_call *call, const users_person *person)
{
	struct people_row row = people_row_of(p, person);

	return db_write(p->db, &call->arena, p->queries->upsert,
	                (struct db_args){row.args, row.n_args}, NULL);
}

static status from_users(const struct people *p, struct rpc_call *call, const int64_t *ids,
                         size_t n, struct people_person *people, size_t missing)
{
	users_resolve_request   req;
	users_resolve_response *answer;

	users_resolve_request_init(&req);
	req.account_ids = arena_alloc(&call->arena, missing * sizeof *req.account_ids);
	for (size_t i = 0; i < n; i++)
		if (!people[i].pseudo)
			req.account_ids[req.n_account_ids++] = ids[i];
	TRY(users_client_resolve(p->users, call, &req, &answer));
	for (size_t k = 0; k < answer->n_people; k++) {
		const users_person *person = answer->people[k];

		TRY(people_keep(p, call, person));
		for (size_t i = 0; i < n; i++)
			if (ids[i] == person->account_id)
				people[i] =
				        shown(person->pseudo, person->deleted, person->is_admin);
	}
	return STATUS_OK;
}

status people_look(const struct people *p, struct rpc_call *call, const int64_t *ids, size_t n,
                   struct people_person *out_people)
{
	struct people_person *people = arena_zalloc(&call->arena, (n + 1) * sizeof *people);
	size_t                missing;

	if (n == 0)
		return STATUS_OK;
	TRY(from_table(p, call, ids, n, people, &missing));
	if (missing)
		TRY(from_users(p, call, ids, n, people, missing));
	/* Whom users does not know either is gone. */
	for (size_t i = 0; i < n; i++)
		out_people[i] = people[i].pseudo ? people[i] : shown(NULL, true, false);
	return STATUS_OK;
}

status people_names(const struct people *p, struct rpc_call *call, const int64_t *ids, size_t n,
                    char **out_pseudos)
{
	struct people_person *people = arena_alloc(&call->arena, (n + 1) * sizeof *people);

	TRY(people_look(p, call, ids, n, people));
	for (size_t i = 0; i < n; i++)
		out_pseudos[i] = people[i].pseudo;
	return STATUS_OK;
}

status people_hold(struct db_tx *tx, const struct people *p, const int64_t *ids, size_t n,
                   bool *out_all)
{
	struct db_rows *rows;
	size_t          alive = 0;

	TRY(db_tx_query(tx, p->queries->hold, DB_ARGS(DB_I64S(ids, n)), &rows));
	for (size_t i = 0; i < n; i++)
		for (size_t row = 0; row < db_rows_count(rows); row++)
			alive += db_rows_i64(rows, row, 0) == ids[i];
	*out_all = alive == n;
	return STATUS_OK;
}
