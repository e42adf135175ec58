#include "services/incidents/user.h"

#include "services/incidents/incidents.h"

#include <stdlib.h>

/* As many as users tells of at once. */
enum { MAX_PEOPLE = 1000 };

static int compare_ids(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t sort_unique(int64_t *ids, size_t n)
{
	size_t unique = 0;

	qsort(ids, n, sizeof *ids, compare_ids);
	for (size_t i = 0; i < n; i++)
		if (unique == 0 || ids[unique - 1] != ids[i])
			ids[unique++] = ids[i];
	return unique;
}

static incidents_user *show(struct arena *a, int64_t id, const struct people_person *person)
{
	incidents_user *user = arena_alloc(a, sizeof *user);

	incidents_user_init(user);
	user->id = id;
	user->handle = person->is_deleted ? person->pseudo : arena_printf(a, "@%s", person->pseudo);
	user->role = arena_alloc(a, sizeof *user->role);
	incidents_role_init(user->role);
	user->role->name = arena_cstr(a, person->is_admin ? STR("ROLE_ADMIN") : STR("ROLE_USER"));
	return user;
}

status incidents_user_find(struct incidents *app, struct rpc_call *call, int64_t *ids, size_t n,
                           struct incidents_users *out_users)
{
	struct incidents_users users = {.ids = ids, .n = sort_unique(ids, n)};
	struct people_person  *people = arena_alloc(&call->arena, (n + 1) * sizeof *people);

	for (size_t from = 0; from < users.n; from += MAX_PEOPLE) {
		size_t rest = users.n - from;

		TRY(people_look(&app->people, call, ids + from,
		                rest < MAX_PEOPLE ? rest : MAX_PEOPLE, people + from));
	}
	users.users = arena_alloc(&call->arena, (users.n + 1) * sizeof(*users.users));
	for (size_t i = 0; i < users.n; i++)
		users.users[i] = show(&call->arena, ids[i], &people[i]);
	*out_users = users;
	return STATUS_OK;
}

incidents_user *incidents_user_get(const struct incidents_users *users, int64_t account_id)
{
	const int64_t *found =
	        bsearch(&account_id, users->ids, users->n, sizeof *found, compare_ids);

	return users->users[found - users->ids];
}
