#include "test/e2e/storm.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/storm_check.h"
#include "test/support/pg.h"

/* Clients pause, so that tests beside this one have their share of the machine. */
enum { PAUSE_MS = 20, KILL_EVERY_MS = 3000, MORE = 25, EMOJIS = 4, RECENT = 64 };

const char *const storm_channels[STORM_CHANNELS] = {"storm", "squall", "hold"};

enum { TURNING = 2 };

/* ---- asking ---- */

static enum storm_deed judge(struct storm_client *c, const struct http_response *r)
{
	switch (r->status) {
	case 200:
	case 201:
	case 204:
		return STORM_DONE;
	case 403: /* the channel is read by others only */
	case 404: /* its author deleted it meanwhile */
	case 429: /* too many to persons */
	case 503:
		return STORM_REFUSED;
	case 504:
		return STORM_OPEN;
	default:
		atomic_store(&c->unexpected, r->status ? r->status : -1);
		return STORM_OPEN;
	}
}

static enum storm_deed ask(struct storm_client *c, const char *method, const char *path,
                           const char *body, int64_t *out_id)
{
	struct http_response r = http_ask(
	        c->storm->server.port,
	        &(struct http_request){
	                .method = method, .path = path, .token = c->account.token, .body = body});
	const enum storm_deed deed = judge(c, &r);

	if (out_id && deed == STORM_DONE)
		*out_id = http_int(&r, "result.id");
	atomic_fetch_add(&c->told[deed], 1);
	http_response_free(&r);
	return deed;
}

static unsigned pick(struct storm_client *c, unsigned n)
{
	return (unsigned)rand_r(&c->seed) % n;
}

/* ---- deeds ---- */

static void send_one(struct storm_client *c)
{
	const unsigned        k = c->n_messages;
	struct storm_message *m = &c->messages[k];
	char                  body[128], place[64];
	int64_t               id = 0;

	m->channel = pick(c, 16) ? (int)pick(c, STORM_CHANNELS) : -1;
	m->to = (c->number + 1 + pick(c, c->storm->n_clients - 1)) % c->storm->n_clients;
	if (m->channel < 0)
		snprintf(place, sizeof place, "\"to\":\"%s\"",
		         c->storm->clients[m->to].account.pseudo);
	else
		snprintf(place, sizeof place, "\"channel\":\"%s\"", storm_channels[m->channel]);
	snprintf(body, sizeof body, "{%s,\"text\":\"%zu.%u 1\"}", place, c->number, k);
	m->version = 1;
	m->sent = ask(c, "POST", "/msg", body, &id);
	atomic_store(&m->id, id);
	atomic_store(&c->n_messages, k + 1);
}

/* Of those written lately, or NULL. */
static struct storm_message *pick_message(struct storm_client *of, struct storm_client *by)
{
	const unsigned n = atomic_load(&of->n_messages), from = n > RECENT ? n - RECENT : 0;

	return n ? &of->messages[from + pick(by, n - from)] : NULL;
}

static void edit_one(struct storm_client *c)
{
	struct storm_message *m = pick_message(c, c);
	char                  path[64], body[64];
	const unsigned        k = m ? (unsigned)(m - c->messages) : 0;
	enum storm_deed       deed;

	if (m == NULL || m->id == 0 || m->removed != STORM_NOT_TRIED || m->tried)
		return;
	snprintf(path, sizeof path, "/msg/%lld", (long long)m->id);
	snprintf(body, sizeof body, "{\"text\":\"%zu.%u %u\"}", c->number, k, m->version + 1);
	deed = ask(c, "PUT", path, body, NULL);
	if (deed == STORM_DONE)
		m->version++;
	else if (deed == STORM_OPEN)
		m->tried = m->version + 1;
}

static void delete_one(struct storm_client *c)
{
	struct storm_message *m = pick_message(c, c);
	char                  path[64];
	enum storm_deed       deed;

	if (m == NULL || m->id == 0 || m->removed != STORM_NOT_TRIED)
		return;
	snprintf(path, sizeof path, "/msg/%lld", (long long)m->id);
	deed = ask(c, "DELETE", path, NULL, NULL);
	/* Refused: it may be tried again. */
	m->removed = deed == STORM_REFUSED ? STORM_NOT_TRIED : deed;
}

static struct storm_reaction *find_reaction(struct storm_client *c, int64_t id, unsigned emoji)
{
	struct storm_reaction *end = c->reactions + c->n_reactions;

	for (struct storm_reaction *r = c->reactions; r < end; r++)
		if (r->message_id == id && r->emoji == emoji)
			return r;
	if (c->n_reactions == STORM_REACTIONS)
		return NULL;
	c->n_reactions++;
	*end = (struct storm_reaction){.message_id = id, .emoji = emoji};
	return end;
}

/* Anybody's message in a channel; what is there is taken back. */
static void react(struct storm_client *c)
{
	struct storm_client   *of = &c->storm->clients[pick(c, c->storm->n_clients)];
	struct storm_message  *m = pick_message(of, c);
	struct storm_reaction *r = NULL;
	char                   body[96];
	enum storm_deed        deed;

	if (m && m->id && m->channel >= 0)
		r = find_reaction(c, m->id, pick(c, EMOJIS));
	if (r == NULL || r->last == STORM_OPEN)
		return;
	snprintf(body, sizeof body, "{\"id\":%" PRId64 ",\"emoji\":\"%u\"}", r->message_id,
	         r->emoji);
	deed = ask(c, r->is_there ? "DELETE" : "POST", "/msg/reaction", body, NULL);
	r->last = deed;
	r->is_there ^= deed == STORM_DONE;
}

/* One of the conversations that were written to last. */
static void read_one(struct storm_client *c)
{
	struct http_response r = http_get(c->storm->server.port,
	                                  "/api/v1/chat/conversations?limit=8", c->account.token);
	const size_t         n = json_array_size(http_json(&r, "data"));
	char                 at[32], path[64];

	judge(c, &r);
	snprintf(at, sizeof at, "data.%u.id", n ? pick(c, (unsigned)n) : 0);
	snprintf(path, sizeof path, "/api/v1/chat/conversations/%" PRId64 "/", http_int(&r, at));
	http_response_free(&r);
	if (n > 0)
		ask(c, "PUT", path, NULL, NULL);
}

static void act(struct storm_client *c)
{
	const unsigned what = pick(c, 9);

	if (what < 4 && c->n_messages < STORM_MESSAGES)
		send_one(c);
	else if (what < 5)
		edit_one(c);
	else if (what < 6)
		delete_one(c);
	else if (what < 7)
		read_one(c);
	else
		react(c);
}

static void *act_on(void *arg)
{
	struct storm_client *c = arg;

	while (!atomic_load(&c->storm->is_over)) {
		act(c);
		poll(NULL, 0, PAUSE_MS);
	}
	return NULL;
}

/* ---- all of them ---- */

static void enter(struct storm *s, size_t number)
{
	struct storm_client *c = &s->clients[number];
	char                 name[32];

	snprintf(name, sizeof name, "client_%zu", number);
	memset(c, 0, sizeof *c);
	c->storm = s;
	c->number = number;
	c->seed = (unsigned)number + 1;
	c->account = e2e_register(&s->server, name);
	for (size_t k = 0; k < STORM_CHANNELS; k++)
		e2e_join(&s->server, c->account.token, storm_channels[k]);
}

void storm_start(struct storm *s, unsigned replicas, unsigned n_clients)
{
	char url[PG_URL_BYTES];

	pg_shared_database(url);
	server_start_many(&s->server, url, NULL, "ipc", replicas);
	sql_open(&s->sql, url);
	s->n_clients = n_clients;
	s->is_private = false;
	atomic_store(&s->is_over, false);
	s->owner = e2e_register(&s->server, "captain");
	for (size_t k = 0; k < STORM_CHANNELS; k++)
		e2e_create_channel(&s->server, s->owner.token, storm_channels[k], false);
	for (size_t i = 0; i < n_clients; i++)
		enter(s, i);
	for (size_t i = 0; i < n_clients; i++)
		assert_int_equal(
		        pthread_create(&s->clients[i].thread, NULL, act_on, &s->clients[i]), 0);
}

unsigned storm_count(const struct storm *s, enum storm_deed outcome)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->n_clients; i++)
		n += atomic_load(&s->clients[i].told[outcome]);
	return n;
}

void storm_await_more(const struct storm *s)
{
	const unsigned before = storm_count(s, STORM_DONE);

	assert_soon(storm_count(s, STORM_DONE) >= before + MORE);
}

void storm_kill(struct storm *s, const char *part, unsigned replica)
{
	struct server_process *p = server_part(&s->server, part, replica);

	server_signal_part(p, SIGKILL);
	assert_int_equal(server_wait_part(p), 128 + SIGKILL);
	server_restart_part(&s->server, p);
}

void storm_turn(struct storm *s)
{
	char                 path[64];
	struct http_response r;

	s->is_private = !s->is_private;
	snprintf(path, sizeof path, "/channel/%s", storm_channels[TURNING]);
	r = e2e_ask(&s->server, "PATCH", path, s->owner.token, "{\"mode\":\"%s\"}",
	            s->is_private ? "+p" : "-p");
	assert_http(r, 200);
	http_response_free(&r);
}

void storm_rage(struct storm *s, const char *part)
{
	const int64_t until_ns = clock_after_ms(STORM_SECONDS * 1000);
	unsigned      n_kills = 0;

	while (clock_now_ns() < until_ns) {
		const int64_t next_ns = clock_after_ms(KILL_EVERY_MS);

		storm_await_more(s);
		storm_turn(s);
		assert_soon(clock_now_ns() >= next_ns);
		storm_kill(s, part, 0);
		n_kills++;
	}
	/* Each fell into work: no storm passes that was none. */
	assert_true(n_kills >= STORM_SECONDS / 10);
	storm_await_more(s);
}

void storm_end(struct storm *s)
{
	atomic_store(&s->is_over, true);
	for (size_t i = 0; i < s->n_clients; i++)
		pthread_join(s->clients[i].thread, NULL);
	print_message("%u done, %u refused, %u left open\n", storm_count(s, STORM_DONE),
	              storm_count(s, STORM_REFUSED), storm_count(s, STORM_OPEN));
	storm_check_ledger(s);
	storm_check_statistics(s);
	sql_close(&s->sql);
	server_stop(&s->server);
}
