#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/users.h"

/* clang-format off */
#define PERSON_COLUMNS                                                                             \
	"a.id, a.pseudo, a.profile_picture, a.version,"                                            \
	" EXISTS (SELECT FROM users.roles WHERE account_id = a.id AND role = 'admin')"

DB_QUERY(select_people, "SELECT " PERSON_COLUMNS " FROM users.accounts AS a"
                        " WHERE a.id = ANY($1::int8[])"
                        " UNION "
                        "SELECT " PERSON_COLUMNS " FROM users.accounts AS a"
                        " WHERE a.pseudo = ANY($2::text[])");
/* clang-format on */

static users_person *read_person(const struct db_rows *rows, size_t row, struct arena *a)
{
	users_person *p = arena_alloc(a, sizeof *p);

	users_person_init(p);
	p->account_id = db_rows_i64(rows, row, 0);
	p->pseudo = db_rows_cstr(rows, row, 1);
	if (!db_rows_is_null(rows, row, 2))
		users_person_set_picture(p, db_rows_cstr(rows, row, 2));
	p->version = db_rows_i64(rows, row, 3);
	p->is_admin = db_rows_bool(rows, row, 4);
	return p;
}

status users_resolve(struct users *app, struct rpc_call *call, const users_resolve_request *req,
                     users_resolve_response *out_response)
{
	str            *names = arena_alloc(&call->arena, (req->n_pseudos + 1) * sizeof *names);
	struct db_rows *rows;

	for (size_t i = 0; i < req->n_pseudos; i++)
		names[i] = str_c(req->pseudos[i]);
	TRY(db_read(app->db, &call->arena, &select_people,
	            DB_ARGS(DB_I64S(req->account_ids, req->n_account_ids),
	                    DB_TEXTS(names, req->n_pseudos)),
	            &rows));
	out_response->n_people = db_rows_count(rows);
	out_response->people = arena_alloc(&call->arena, (out_response->n_people + 1) *
	                                                         sizeof *out_response->people);
	for (size_t i = 0; i < out_response->n_people; i++)
		out_response->people[i] = read_person(rows, i, &call->arena);
	return STATUS_OK;
}
