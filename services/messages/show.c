#include "services/messages/show.h"

#include "db/db.h"
#include "pb/timestamp.h"

#include <stdlib.h>

/* As many as users tells the names of at once. */
enum { MAX_NAMES = 1000 };

/* Emojis in the order in which they came up, people in the order in which they reacted. */
DB_QUERY(select_reactions, "SELECT message_id, emoji,"
                           "       array_agg(account_id ORDER BY created_time, account_id)"
                           "  FROM messages.reactions WHERE message_id = ANY($1::int8[])"
                           " GROUP BY message_id, emoji"
                           " ORDER BY message_id, min(created_time), emoji");

struct reaction {
	int64_t        message_id;
	char          *emoji;
	const int64_t *account_ids;
	size_t         n;
};

/* Names of accounts, by ascending number. */
struct names {
	int64_t *ids;
	char   **pseudos;
	size_t   n;
};

struct showing {
	struct messages             *app;
	struct rpc_call             *call;
	const struct messages_row   *rows;
	size_t                       n;
	const struct messages_place *places;
	size_t                       n_places;
	struct reaction             *reactions; /* by ascending message */
	size_t                       n_reactions;
	struct names                 names;
};

static int compare_ids(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* ---- what is to be looked up ---- */

static status load_reactions(struct showing *s)
{
	struct arena   *a = &s->call->arena;
	int64_t        *ids = arena_alloc(a, (s->n + 1) * sizeof *ids);
	size_t          n = 0;
	struct db_rows *rows;

	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].reaction_count > 0)
			ids[n++] = s->rows[i].id;
	if (n == 0)
		return STATUS_OK;
	TRY(db_read(s->app->db, a, &select_reactions, DB_ARGS(DB_I64S(ids, n)), &rows));
	s->n_reactions = db_rows_count(rows);
	s->reactions = arena_alloc(a, (s->n_reactions + 1) * sizeof *s->reactions);
	for (size_t i = 0; i < s->n_reactions; i++) {
		struct reaction *r = &s->reactions[i];

		r->message_id = db_rows_i64(rows, i, 0);
		r->emoji = db_rows_cstr(rows, i, 1);
		r->account_ids = db_rows_i64s(rows, i, 2, &r->n);
	}
	return STATUS_OK;
}

static void collect_accounts(struct showing *s)
{
	struct names *names = &s->names;
	size_t        n = 2 * s->n, unique = 0;

	for (size_t i = 0; i < s->n_reactions; i++)
		n += s->reactions[i].n;
	names->ids = arena_alloc(&s->call->arena, (n + 1) * sizeof *names->ids);
	n = 0;
	for (size_t i = 0; i < s->n; i++) {
		names->ids[n++] = s->rows[i].account_id;
		if (s->rows[i].to_account_id)
			names->ids[n++] = s->rows[i].to_account_id;
	}
	for (size_t i = 0; i < s->n_reactions; i++)
		for (size_t k = 0; k < s->reactions[i].n; k++)
			names->ids[n++] = s->reactions[i].account_ids[k];
	qsort(names->ids, n, sizeof *names->ids, compare_ids);
	for (size_t i = 0; i < n; i++)
		if (unique == 0 || names->ids[unique - 1] != names->ids[i])
			names->ids[unique++] = names->ids[i];
	names->n = unique;
}

static status load_names(struct showing *s)
{
	struct names *names = &s->names;

	collect_accounts(s);
	names->pseudos = arena_alloc(&s->call->arena, (names->n + 1) * sizeof *names->pseudos);
	for (size_t from = 0; from < names->n; from += MAX_NAMES) {
		size_t n = names->n - from < MAX_NAMES ? names->n - from : MAX_NAMES;

		TRY(people_names(&s->app->people, s->call, names->ids + from, n,
		                 names->pseudos + from));
	}
	return STATUS_OK;
}

static char *name_of(const struct showing *s, int64_t account_id)
{
	const int64_t *found =
	        bsearch(&account_id, s->names.ids, s->names.n, sizeof *found, compare_ids);

	return s->names.pseudos[found - s->names.ids];
}

/* ---- filling ---- */

static int compare_reaction(const void *key, const void *item)
{
	return compare_ids(key, &((const struct reaction *)item)->message_id);
}

static messages_message_reactions_entry *fill_reaction(const struct showing  *s,
                                                       const struct reaction *r)
{
	struct arena                     *a = &s->call->arena;
	messages_message_reactions_entry *entry = arena_alloc(a, sizeof *entry);

	messages_message_reactions_entry_init(entry);
	entry->key = r->emoji;
	entry->value = arena_alloc(a, sizeof *entry->value);
	messages_pseudos_init(entry->value);
	entry->value->pseudos = arena_alloc(a, (r->n + 1) * sizeof *entry->value->pseudos);
	entry->value->n_pseudos = r->n;
	for (size_t i = 0; i < r->n; i++)
		entry->value->pseudos[i] = name_of(s, r->account_ids[i]);
	return entry;
}

static void fill_reactions(const struct showing *s, messages_message *m)
{
	const struct reaction *end = s->reactions + s->n_reactions, *first = NULL, *r;

	if (s->n_reactions)
		first = bsearch(&m->id, s->reactions, s->n_reactions, sizeof *first,
		                compare_reaction);
	if (first == NULL)
		return;
	while (first > s->reactions && first[-1].message_id == m->id)
		first--;
	for (r = first; r < end && r->message_id == m->id; r++)
		m->n_reactions++;
	m->reactions = arena_alloc(&s->call->arena, m->n_reactions * sizeof(*m->reactions));
	for (size_t i = 0; i < m->n_reactions; i++)
		m->reactions[i] = fill_reaction(s, &first[i]);
}

/* All but who reacted. */
static void fill_plain(const struct messages_row *row, char *from, char *to, char *channel,
                       struct arena *a, messages_message *m)
{
	m->id = row->id;
	m->from = from;
	if (row->channel_id)
		messages_message_set_channel(m, channel);
	else
		messages_message_set_to(m, to);
	m->text = row->text;
	m->timestamp = pb_timestamp_from_us(a, row->created_us);
	if (row->edited_us)
		m->edited_at = pb_timestamp_from_us(a, row->edited_us);
	if (row->reply_to)
		messages_message_set_reply_to(m, row->reply_to);
	m->pinned = row->pinned;
}

static void fill(const struct showing *s, const struct messages_row *row, messages_message *m)
{
	const struct messages_place *place =
	        row->channel_id ? messages_place_in(s->places, s->n_places, row->channel_id) : NULL;

	fill_plain(row, name_of(s, row->account_id),
	           row->to_account_id ? name_of(s, row->to_account_id) : NULL,
	           place ? place->channel : NULL, &s->call->arena, m);
	fill_reactions(s, m);
}

static status look_up(struct showing *s)
{
	TRY(load_reactions(s));
	return load_names(s);
}

status messages_show(struct messages *app, struct rpc_call *call, const struct messages_row *rows,
                     size_t n, const struct messages_place *places, size_t n_places,
                     messages_list_messages_response *out_response)
{
	struct showing s = {.app = app,
	                    .call = call,
	                    .rows = rows,
	                    .n = n,
	                    .places = places,
	                    .n_places = n_places};

	TRY(look_up(&s));
	out_response->messages =
	        arena_alloc(&call->arena, (n + 1) * sizeof(*out_response->messages));
	out_response->n_messages = n;
	for (size_t i = 0; i < n; i++) {
		out_response->messages[i] =
		        arena_alloc(&call->arena, sizeof **out_response->messages);
		messages_message_init(out_response->messages[i]);
		fill(&s, &rows[i], out_response->messages[i]);
	}
	return STATUS_OK;
}

void messages_show_new(struct rpc_call *call, const struct messages_row *row,
                       const struct messages_place *place, char *const names[static 2],
                       messages_message *out_message)
{
	fill_plain(row, names[0], names[1], place->channel, &call->arena, out_message);
}

status messages_show_changed(struct messages *app, struct rpc_call *call,
                             const struct messages_row *row, const struct messages_place *place,
                             messages_message *out_message)
{
	struct showing s = {
	        .app = app, .call = call, .rows = row, .n = 1, .places = place, .n_places = 1};
	status st = look_up(&s);

	if (st.code != CODE_OK)
		return status_error(CODE_DEADLINE_EXCEEDED,
		                    "it is done, but what came of it cannot be shown");
	fill(&s, row, out_message);
	return STATUS_OK;
}
