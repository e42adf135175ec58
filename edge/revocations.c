#include "edge/revocations.h"

#include "base/mem.h"

#include <string.h>

enum { FIRST_PRUNE = 1024, MAX_ROLES_BYTES = 16 * 1024 };

struct edge_revoked {
	int64_t      account_id;
	int64_t      ended_below, kept_session_id;
	int64_t     *ended; /* sessions that ended one by one */
	size_t       n_ended, room_for_ended;
	struct arena arena; /* of the roles */
	const str   *roles;
	size_t       n_roles;
	int64_t      roles_version;
	int64_t      expire_time;
};

static void revoked_free(struct edge_revoked *a)
{
	arena_fini(&a->arena);
	mem_free(a->ended);
	mem_free(a);
}

/* When they have doubled since the last time: what that costs is shared by many changes. */
static void prune(struct edge_revocations *r, int64_t now_s)
{
	struct id_map        old = r->accounts;
	struct edge_revoked *a;
	size_t               cursor = 0;

	if (old.count < r->prune_at)
		return;
	r->accounts = (struct id_map){0};
	while ((a = id_map_next(&old, &cursor)) != NULL) {
		if (a->expire_time < now_s)
			revoked_free(a);
		else
			id_map_put(&r->accounts, a->account_id, a);
	}
	id_map_fini(&old);
	r->prune_at = 2 * r->accounts.count;
	if (r->prune_at < FIRST_PRUNE)
		r->prune_at = FIRST_PRUNE;
}

static bool has_ended(const struct edge_revoked *a, int64_t session_id)
{
	for (size_t i = 0; i < a->n_ended; i++)
		if (a->ended[i] == session_id)
			return true;
	return session_id < a->ended_below && session_id != a->kept_session_id;
}

static void end_one(struct edge_revoked *a, int64_t session_id)
{
	if (session_id == 0 || has_ended(a, session_id))
		return;
	if (a->n_ended == a->room_for_ended) {
		a->room_for_ended = a->room_for_ended ? 2 * a->room_for_ended : 4;
		a->ended = mem_realloc(a->ended, a->room_for_ended * sizeof *a->ended);
	}
	a->ended[a->n_ended++] = session_id;
}

/* Who ends all but one is one of those left, so the newer change holds alone. */
static void end_all(struct edge_revoked *a, int64_t below, int64_t kept_session_id)
{
	size_t n = 0;

	if (below <= a->ended_below)
		return;
	a->ended_below = below;
	a->kept_session_id = kept_session_id;
	for (size_t i = 0; i < a->n_ended; i++)
		if (a->ended[i] >= below || a->ended[i] == kept_session_id)
			a->ended[n++] = a->ended[i];
	a->n_ended = n;
}

static void set_roles(struct edge_revoked *a, const struct rpc_session_change *change)
{
	str *roles;

	if (change->roles_version <= a->roles_version)
		return;
	arena_reset(&a->arena);
	roles = arena_alloc(&a->arena, (change->n_roles + 1) * sizeof *roles);
	for (size_t i = 0; i < change->n_roles; i++)
		roles[i] = arena_dup(&a->arena, change->roles[i]);
	a->roles = roles;
	a->n_roles = change->n_roles;
	a->roles_version = change->roles_version;
}

void edge_revocations_apply(struct edge_revocations *r, const struct rpc_session_change *change,
                            int64_t now_s)
{
	struct edge_revoked *a;

	prune(r, now_s);
	a = id_map_get(&r->accounts, change->account_id);
	if (a == NULL) {
		a = mem_zalloc(sizeof *a);
		a->account_id = change->account_id;
		arena_init(&a->arena, MAX_ROLES_BYTES);
		id_map_put(&r->accounts, a->account_id, a);
	}
	end_one(a, change->session_id);
	end_all(a, change->ended_below, change->kept_session_id);
	set_roles(a, change);
	if (a->expire_time < change->expire_time)
		a->expire_time = change->expire_time;
}

struct edge_standing edge_revocations_look(const struct edge_revocations *r, int64_t account_id,
                                           int64_t session_id)
{
	const struct edge_revoked *a = id_map_get(&r->accounts, account_id);

	if (a == NULL)
		return (struct edge_standing){0};
	return (struct edge_standing){.is_ended = has_ended(a, session_id),
	                              .roles = a->roles,
	                              .n_roles = a->n_roles,
	                              .roles_version = a->roles_version};
}

struct edge_standing edge_standing_dup(const struct edge_standing *standing, struct arena *a)
{
	struct edge_standing copy = *standing;
	str                 *roles = arena_alloc(a, (standing->n_roles + 1) * sizeof *roles);

	for (size_t i = 0; i < standing->n_roles; i++)
		roles[i] = arena_dup(a, standing->roles[i]);
	copy.roles = roles;
	return copy;
}

void edge_revocations_fini(struct edge_revocations *r)
{
	struct edge_revoked *a;
	size_t               cursor = 0;

	while ((a = id_map_next(&r->accounts, &cursor)) != NULL)
		revoked_free(a);
	id_map_fini(&r->accounts);
	*r = (struct edge_revocations){0};
}
