/*
 * e2e/e2e.h - what the tests of the whole executable share: a server on a database of its own.
 *
 * Each test executable starts one server for all of its tests; what they create has names of its
 * own, so that they pass in any order and one by one.
 */
#ifndef TEST_E2E_E2E_H
#define TEST_E2E_E2E_H

#include <poll.h>

#include "base/clock.h"
#include "test/support/http.h"
#include "test/support/server.h"
#include "test/support/test.h"

#define E2E_PASSWORD "coin-coin-42"

/* For a group's fixture: an empty database, and a server on it. env as in server_start(). */
void e2e_start(struct server *s, const char *const *env);

/* A database of this cluster that keeps what it acknowledged even when the server crashes. */
struct pg_cluster;
void e2e_durable_database(struct pg_cluster *cluster, char *out_url);

/* ---- what most tests need first; all of it must go well ---- */

struct e2e_account {
	int64_t id;
	char    pseudo[33];
	char    token[SERVER_TOKEN_BYTES];
};

struct e2e_account e2e_register(const struct server *s, const char *pseudo);

/* Signs in once more. */
struct e2e_session {
	int64_t id;
	char    token[SERVER_TOKEN_BYTES], refresh_token[64];
};

struct e2e_session e2e_login(const struct server *s, const char *pseudo);

/* Signs in after `canaduck admin grant`. */
struct e2e_session e2e_login_as_admin(const struct server *s, const char *pseudo);

/* Sends a request with a body that is printed. */
struct http_response e2e_ask(const struct server *s, const char *method, const char *path,
                             const char *token, const char *format, ...)
        __attribute__((format(printf, 5, 6)));

/* Opens a channel; its owner is who the token says. */
void e2e_create_channel(const struct server *s, const char *token, const char *name,
                        bool is_private);

void e2e_join(const struct server *s, const char *token, const char *channel);

/* Writes to a channel; the number of the message. */
int64_t e2e_send(const struct server *s, const char *token, const char *channel, const char *text);

/* ---- looking ---- */

/* The object at the path has exactly these keys: "a b c", sorted. */
#define assert_keys(r, path, keys) e2e_assert_keys(&(r), (path), (keys), __FILE__, __LINE__)
void e2e_assert_keys(const struct http_response *r, const char *path, const char *keys,
                     const char *file, int line);

/* The text there is a time of today as RFC 3339 in UTC. */
#define assert_time(r, path) e2e_assert_time(&(r), (path), __FILE__, __LINE__)
void e2e_assert_time(const struct http_response *r, const char *path, const char *file, int line);

/* Becomes true within ten seconds. */
#define assert_soon(condition)                                                                     \
	do {                                                                                       \
		int64_t until_ = clock_after_ms(10000);                                            \
		while (!(condition)) {                                                             \
			if (clock_now_ns() > until_)                                               \
				fail_msg("never: %s", #condition);                                 \
			poll(NULL, 0, 5);                                                          \
		}                                                                                  \
	} while (0)

/* How many answers have a status. */
size_t e2e_count(const struct http_response *answers, size_t n, long status);

#endif
