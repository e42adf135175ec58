#include "test/e2e/load.h"

#include <stdlib.h>
#include <string.h>

enum { BACK_OFF_MS = 10, CHUNK = 256 };

static void *write_messages(void *arg)
{
	struct load *l = arg;
	char         body[256];

	while (!atomic_load(&l->is_over)) {
		unsigned             k = atomic_fetch_add(&l->next, 1);
		struct http_response r;

		if (k >= LOAD_MESSAGES)
			break;
		snprintf(body, sizeof body, "{\"channel\":\"%s\",\"text\":\"load %u\"}", l->channel,
		         k);
		r = http_post(l->port, "/msg", l->token, body);
		atomic_store(&l->refused[k], r.is_refused);
		atomic_store(&l->outcomes[k], r.status);
		if (r.status != 201)
			poll(NULL, 0, BACK_OFF_MS);
		http_response_free(&r);
	}
	return NULL;
}

void load_start(struct load *l, uint16_t port, const char *token, const char *channel)
{
	memset(l, 0, sizeof *l);
	l->port = port;
	l->token = token;
	l->channel = channel;
	for (size_t i = 0; i < LOAD_WRITERS; i++)
		if (pthread_create(&l->writers[i], NULL, write_messages, l) != 0)
			abort();
}

void load_stop(struct load *l)
{
	atomic_store(&l->is_over, true);
	for (size_t i = 0; i < LOAD_WRITERS; i++)
		pthread_join(l->writers[i], NULL);
}

unsigned load_count(const struct load *l, long status_code)
{
	unsigned count = 0;

	for (size_t i = 0; i < LOAD_MESSAGES; i++)
		count += atomic_load(&l->outcomes[i]) == status_code;
	return count;
}

/* How often each message is in the database: "k count" a line, all that are there. */
static void count_rows(struct sql *sql, unsigned counts[LOAD_MESSAGES])
{
	char statement[256];

	memset(counts, 0, LOAD_MESSAGES * sizeof *counts);
	for (unsigned from = 0; from < LOAD_MESSAGES; from += CHUNK) {
		const char *row;

		snprintf(statement, sizeof statement,
		         "SELECT k || ' ' || count(*) FROM generate_series(%u, %u) AS k"
		         " JOIN messages.messages ON text = 'load ' || k GROUP BY k;",
		         from, from + CHUNK - 1);
		row = sql_run(sql, statement);
		while (*row) {
			char         *end;
			unsigned long k = strtoul(row, &end, 10);

			assert_true(k < LOAD_MESSAGES);
			counts[k] = (unsigned)strtoul(end, &end, 10);
			row = end + (*end == '\n');
		}
	}
}

void load_check(struct load *l, struct sql *sql)
{
	static unsigned counts[LOAD_MESSAGES];

	count_rows(sql, counts);
	for (unsigned k = 0; k < LOAD_MESSAGES; k++) {
		long     outcome = l->outcomes[k];
		unsigned least = outcome == 201;
		unsigned most = outcome == 201 || outcome == 504 ||
		                (outcome == 0 && !l->refused[k] && k < l->next);

		if (counts[k] < least || counts[k] > most)
			fail_msg("message %u, told %ld, is there %u times", k, outcome, counts[k]);
		if (outcome != 0 && outcome != 201 && outcome != 503 && outcome != 504)
			fail_msg("message %u was told %ld", k, outcome);
	}
}
