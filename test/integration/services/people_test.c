/* What a service knows of accounts by itself, while users is out of reach. */
#include "services/people/people.h"

#include "migrations/migrations.h"
#include "outbox/bookmark.h"
#include "rpc/client.h"
#include "test/integration/db/fixture.h"

PEOPLE_QUERIES(queries, "channels");
OUTBOX_BOOKMARKS(bookmarks, "channels");

DB_QUERY(end_account, "UPDATE channels.people SET deleted = true, pseudo = 'deleted'"
                      " WHERE account_id = $1");

enum { ROGER = 1, GINETTE, TWIN, OTHER_TWIN, GONE, LEAVER };

static struct fixture       f;
static struct identity_keys keys = {.current = {1, 2, 3}, .current_id = 7};
static struct people        people;

static int setup(void **state __attribute__((unused)))
{
	struct rpc_client_config client = {.keys = &keys, .name = STR("test")};
	char                     url[PG_URL_BYTES];
	struct arena             a;
	unsigned                 applied;

	pg_shared_database(url);
	arena_init(&a, 1024 * 1024);
	assert_status(db_migrate(url, &migrations_channels, 30000, &a, &applied), CODE_OK);
	arena_fini(&a);
	pg_exec(url, "INSERT INTO channels.people (account_id, pseudo, deleted, version) VALUES"
	             " (1, 'roger', false, 1), (2, 'ginette', false, 1), (3, 'twin', false, 1),"
	             " (4, 'twin', false, 1), (5, 'deleted', true, 2), (6, 'leaver', false, 1)");
	fixture_start(&f, url, (struct db_config){.read_connections = 1, .write_connections = 2});
	client.loop = f.loop;
	people = (struct people){.db = f.db, .queries = &queries, .bookmarks = &bookmarks};
	assert_status(rpc_client_new(&client, &people.users), CODE_OK);
	assert_status(rpc_client_add(people.users, STR("inproc://nobody.is.there")), CODE_OK);
	return 0;
}

static int teardown(void **state __attribute__((unused)))
{
	rpc_client_free(people.users);
	fixture_stop(&f);
	return 0;
}

/* ---- names ---- */

struct search {
	const char *const *names;
	size_t             n;
	int64_t            ids[4];
};

static void search(struct job *j)
{
	struct search  *s = j->arg;
	struct rpc_call call;

	rpc_call_init(&call, clock_after_ms(2000));
	j->st = people_find(&people, &call, s->names, s->n, s->ids);
	j->st.msg = NULL; /* it dies with the call */
	rpc_call_fini(&call);
}

TEST(names_that_are_known_here_are_found_without_users)
{
	static const char *const names[] = {"@Ginette", "roger", "GINETTE"};
	struct search            s = {.names = names, .n = 3};

	assert_status(job_run(&f, search, &s, 5000), CODE_OK);
	assert_int_equal(s.ids[0], GINETTE);
	assert_int_equal(s.ids[1], ROGER);
	assert_int_equal(s.ids[2], GINETTE);
}

TEST(what_only_users_could_say_is_not_guessed)
{
	/* Nobody known, of two who has the name, and whom the name was of. */
	static const char *const names[] = {"stranger", "twin", "deleted"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *const both[] = {"roger", names[i]};
		struct search     s = {.names = both, .n = 2, .ids = {-1, -1}};

		assert_status(job_run(&f, search, &s, 5000), CODE_UNAVAILABLE);
		assert_int_equal(s.ids[0], -1);
		assert_int_equal(s.ids[1], -1);
	}
}

/* ---- holding ---- */

struct holding {
	const int64_t *ids;
	size_t         n;
	bool           waits, has_all, is_inside, may_end;
	struct fiber  *fiber;
};

static status hold(struct db_tx *tx, void *arg)
{
	struct holding *h = arg;

	TRY(people_hold(tx, &people, h->ids, h->n, &h->has_all));
	h->is_inside = true;
	h->fiber = fiber_current();
	while (h->waits && !h->may_end)
		TRY(fiber_suspend(CLOCK_NEVER));
	return STATUS_OK;
}

static void run_hold(struct job *j)
{
	j->st = db_tx_run(f.db, &f.arena, hold, j->arg);
}

static void run_end(struct job *j)
{
	j->st = db_write(f.db, &f.arena, &end_account, DB_ARGS(DB_I64(LEAVER)), NULL);
}

static bool is_inside(struct fixture *fixture __attribute__((unused)), void *arg)
{
	return ((struct holding *)arg)->is_inside;
}

TEST(an_account_does_not_go_while_it_is_held)
{
	static const int64_t ids[] = {ROGER, LEAVER};
	struct holding       first = {.ids = ids, .n = 2, .waits = true};
	struct holding       late = {.ids = ids, .n = 2};
	struct job           holder, ender;
	int64_t              until_ns = clock_after_ms(200);

	job_start(&holder, &f, run_hold, &first, 10000);
	await_true(&f, is_inside, &first);
	job_start(&ender, &f, run_end, NULL, 10000);
	/* It would have been done long since. */
	while (clock_now_ns() < until_ns)
		loop_turn(f.loop, 10);
	assert_non_null(ender.fiber);
	first.may_end = true;
	fiber_wake(first.fiber);
	job_await(&holder);
	job_await(&ender);
	assert_status(holder.st, CODE_OK);
	assert_status(ender.st, CODE_OK);
	assert_true(first.has_all);
	assert_status(job_run(&f, run_hold, &late, 10000), CODE_OK);
	assert_false(late.has_all);
}

TEST(who_is_gone_or_not_known_is_not_held)
{
	static const struct {
		int64_t ids[2];
		bool    has_all;
	} cases[] = {
	        {{ROGER, GINETTE}, true},
	        {{ROGER, ROGER}, true},
	        {{ROGER, GONE}, false},
	        {{ROGER, 99}, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct holding h = {.ids = cases[i].ids, .n = 2};

		assert_status(job_run(&f, run_hold, &h, 10000), CODE_OK);
		assert_int_equal(h.has_all, cases[i].has_all);
	}
}

TEST_MAIN(setup, teardown)
