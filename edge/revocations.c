#include "edge/revocations.h"

#include "base/mem.h"

#include <string.h>

enum { FIRST_SLOTS = 64, FIRST_PRUNE = 1024, MAX_ROLES_BYTES = 16 * 1024 };

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

/* Ids are numbered through: a multiplication spreads them (Knuth, TAOCP 6.4). */
static size_t home_of(const struct edge_revocations *r, int64_t account_id)
{
	return (size_t)((uint64_t)account_id * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
	       (r->n_slots - 1);
}

/* The account's slot, or the free one where it belongs. */
static struct edge_revoked **find(const struct edge_revocations *r, int64_t account_id)
{
	size_t at = home_of(r, account_id);

	while (r->slots[at] && r->slots[at]->account_id != account_id)
		at = (at + 1) & (r->n_slots - 1);
	return &r->slots[at];
}

static void revoked_free(struct edge_revoked *a)
{
	arena_fini(&a->arena);
	mem_free(a->ended);
	mem_free(a);
}

/* Moves what is not over into a table of this size. */
static void rebuild(struct edge_revocations *r, size_t n_slots, int64_t now_s)
{
	struct edge_revocations old = *r;

	r->slots = mem_zalloc_array(n_slots, sizeof(struct edge_revoked *));
	r->n_slots = n_slots;
	r->count = 0;
	for (size_t i = 0; i < old.n_slots; i++) {
		struct edge_revoked *a = old.slots[i];

		if (a && a->expire_time < now_s) {
			revoked_free(a);
		} else if (a) {
			*find(r, a->account_id) = a;
			r->count++;
		}
	}
	mem_free(old.slots);
}

static void make_room(struct edge_revocations *r, int64_t now_s)
{
	if (r->n_slots == 0) {
		r->prune_at = FIRST_PRUNE;
		rebuild(r, FIRST_SLOTS, now_s);
	}
	/* When it has doubled since the last time: what that costs is shared by many changes. */
	if (r->count >= r->prune_at) {
		rebuild(r, r->n_slots, now_s);
		r->prune_at = r->count < FIRST_PRUNE / 2 ? FIRST_PRUNE : 2 * r->count;
	}
	if (2 * (r->count + 1) > r->n_slots)
		rebuild(r, 2 * r->n_slots, now_s);
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
	struct edge_revoked **slot;

	make_room(r, now_s);
	slot = find(r, change->account_id);
	if (*slot == NULL) {
		*slot = mem_zalloc(sizeof **slot);
		(*slot)->account_id = change->account_id;
		arena_init(&(*slot)->arena, MAX_ROLES_BYTES);
		r->count++;
	}
	end_one(*slot, change->session_id);
	end_all(*slot, change->ended_below, change->kept_session_id);
	set_roles(*slot, change);
	if ((*slot)->expire_time < change->expire_time)
		(*slot)->expire_time = change->expire_time;
}

struct edge_standing edge_revocations_look(const struct edge_revocations *r, int64_t account_id,
                                           int64_t session_id)
{
	const struct edge_revoked *a = r->n_slots ? *find(r, account_id) : NULL;

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
	for (size_t i = 0; i < r->n_slots; i++)
		if (r->slots[i])
			revoked_free(r->slots[i]);
	mem_free(r->slots);
	*r = (struct edge_revocations){0};
}
