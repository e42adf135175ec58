/*
 * e2e/chat.h - what tests of conversations share.
 */
#ifndef TEST_E2E_CHAT_H
#define TEST_E2E_CHAT_H

#include "test/e2e/talk.h"

/* "<method> /api/v1/chat<rest>"; body NULL: none. */
struct http_response chat_ask(const struct server *s, const char *method, const char *rest,
                              const char *token, const char *body);

/* "<method> /api/v1/chat/conversations/<id><rest>", without a body. */
struct http_response chat_about(const struct server *s, const char *method, int64_t id,
                                const char *rest, const char *token);

/* "POST /api/v1/chat/messages". */
struct http_response chat_write(const struct server *s, const char *token, int64_t id,
                                const char *text);

/* The same, which must go well; the number of the message. */
int64_t chat_send(const struct server *s, const char *token, int64_t id, const char *text);

/* Begins a conversation, or finds it; its number. */
int64_t chat_open(const struct server *s, const char *token, int64_t account_id);

/* Marks it as read; how many that were. */
int64_t chat_read(const struct server *s, const char *token, int64_t id);

/* How many messages wait there for the caller. */
int64_t chat_unread(const struct server *s, const char *token, int64_t id);

/* What stands at a key of each item of "data", "a b c"; in static memory until the next call. */
const char *chat_list(const struct http_response *r, const char *key);

/* The list that a request is answered with has these. */
#define assert_listed(request, key, expected)                                                      \
	do {                                                                                       \
		struct http_response r_ = (request);                                               \
		assert_http(r_, 200);                                                              \
		assert_string_equal(chat_list(&r_, (key)), (expected));                            \
		http_response_free(&r_);                                                           \
	} while (0)

/* A request is refused in the form that chat clients know. */
#define assert_refused(request, status, code)                                                      \
	do {                                                                                       \
		struct http_response r_ = (request);                                               \
		assert_http_error(r_, (status), (code));                                           \
		assert_json(r_, "success", "false");                                               \
		http_response_free(&r_);                                                           \
	} while (0)

#endif
