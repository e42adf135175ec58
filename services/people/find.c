#include "services/people/people.h"

#include "base/clock.h"
#include "canaduck/users/v1/users.rpc.h"
#include "db/db.h"

#include <ctype.h>
#include <string.h>

/* A name as users stores it: without its leading @, in lower case. */
static char *fold(const char *pseudo, struct arena *a)
{
	char *folded = arena_cstr(a, str_c(pseudo[0] == '@' ? pseudo + 1 : pseudo));

	for (char *c = folded; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return folded;
}

/* A users that does not answer may take half of the time that is left. */
static status ask(const struct people *p, struct rpc_call *call, char **names, size_t n,
                  int64_t *ids)
{
	const int64_t           deadline_ns = call->deadline_ns;
	users_resolve_request   req;
	users_resolve_response *answer;
	status                  st;

	users_resolve_request_init(&req);
	req.pseudos = names;
	req.n_pseudos = n;
	call->deadline_ns -= (deadline_ns - clock_now_ns()) / 2;
	st = users_client_resolve(p->users, call, &req, &answer);
	call->deadline_ns = deadline_ns;
	TRY(st);
	for (size_t k = 0; k < answer->n_people; k++) {
		TRY(people_keep(p, call, answer->people[k]));
		for (size_t i = 0; i < n; i++)
			if (strcmp(answer->people[k]->pseudo, names[i]) == 0)
				ids[i] = answer->people[k]->account_id;
	}
	return STATUS_OK;
}

/* False when it does not know all of them. */
static status look(const struct people *p, struct rpc_call *call, char **names, size_t n,
                   int64_t *ids, bool *out_all)
{
	str            *texts = arena_alloc(&call->arena, n * sizeof *texts);
	struct db_rows *rows;
	size_t          known = 0;

	for (size_t i = 0; i < n; i++)
		texts[i] = str_c(names[i]);
	TRY(db_read(p->db, &call->arena, p->queries->find, DB_ARGS(DB_TEXTS(texts, n)), &rows));
	for (size_t i = 0; i < n; i++)
		for (size_t row = 0; row < db_rows_count(rows); row++)
			if (str_eq(db_rows_str(rows, row, 0), texts[i])) {
				ids[i] = db_rows_i64(rows, row, 1);
				known++;
			}
	*out_all = known == n;
	return STATUS_OK;
}

status people_find(const struct people *p, struct rpc_call *call, const char *const *pseudos,
                   size_t n, int64_t *out_ids)
{
	char   **names = arena_alloc(&call->arena, (n + 1) * sizeof *names);
	int64_t *ids = arena_zalloc(&call->arena, (n + 1) * sizeof *ids);
	status   st;
	bool     has_all;

	if (n == 0)
		return STATUS_OK;
	for (size_t i = 0; i < n; i++)
		names[i] = fold(pseudos[i], &call->arena);
	st = ask(p, call, names, n, ids);
	if (st.code == CODE_UNAVAILABLE || st.code == CODE_DEADLINE_EXCEEDED) {
		TRY(look(p, call, names, n, ids, &has_all));
		if (!has_all)
			return st;
	} else {
		TRY(st);
	}
	memcpy(out_ids, ids, n * sizeof *ids);
	return STATUS_OK;
}

status people_find_one(const struct people *p, struct rpc_call *call, const char *pseudo,
                       int64_t *out_id)
{
	int64_t id;

	TRY(people_find(p, call, &pseudo, 1, &id));
	if (id == 0)
		return status_error(CODE_NOT_FOUND, "no account of that name");
	*out_id = id;
	return STATUS_OK;
}
