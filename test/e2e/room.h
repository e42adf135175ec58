/*
 * e2e/room.h - what tests of channels share.
 */
#ifndef TEST_E2E_ROOM_H
#define TEST_E2E_ROOM_H

#include "test/e2e/talk.h"

/* "<method> /channel/<name><rest>"; body NULL: none. */
struct http_response room_ask(const struct server *s, const char *method, const char *name,
                              const char *rest, const char *token, const char *body);

/* The same with the body {"pseudo": pseudo}. */
struct http_response room_name(const struct server *s, const char *name, const char *rest,
                               const char *token, const char *pseudo);

/* At the path of an answer of 200 stands this JSON. */
#define assert_shows(request, path, expected)                                                      \
	do {                                                                                       \
		struct http_response r_ = (request);                                               \
		assert_http(r_, 200);                                                              \
		assert_json(r_, (path), (expected));                                               \
		http_response_free(&r_);                                                           \
	} while (0)

/* At the path of an answer of 200 stands this JSON: once, for assert_soon(). */
bool room_shows(struct http_response r, const char *path, const char *expected);

/* The status of an answer, which is freed. */
long room_status(struct http_response r);

/* The names of a list of channels, "a b c"; in static memory until the next call. */
const char *room_names(const struct http_response *r);

/* The list of channels that a request answers with has these names. */
#define assert_names(request, names)                                                               \
	do {                                                                                       \
		struct http_response r_ = (request);                                               \
		assert_http(r_, 200);                                                              \
		assert_string_equal(room_names(&r_), (names));                                     \
		http_response_free(&r_);                                                           \
	} while (0)

#endif
