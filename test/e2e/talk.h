/*
 * e2e/talk.h - what tests of messages share.
 */
#ifndef TEST_E2E_TALK_H
#define TEST_E2E_TALK_H

#include "test/e2e/e2e.h"

/* Writes to a person; the number of the message. */
int64_t talk_to(const struct server *s, const char *token, const char *pseudo, const char *text);

/* Answers a message of a channel; the number of the answer. */
int64_t talk_reply(const struct server *s, const char *token, const char *channel, int64_t reply_to,
                   const char *text);

/* "<method> /msg/<id><rest>"; body NULL: none. */
struct http_response talk_ask(const struct server *s, const char *method, int64_t id,
                              const char *rest, const char *token, const char *body);

/* "<method> /msg/reaction". */
struct http_response talk_react(const struct server *s, const char *method, const char *token,
                                int64_t id, const char *emoji);

/* "GET /msg<rest>", which is printed. */
struct http_response talk_list(const struct server *s, const char *token, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The texts of a list, "c b a"; in static memory until the next call. */
const char *talk_texts(const struct http_response *r);

/* The list that a request answers with has these texts. */
#define assert_texts(request, texts)                                                               \
	do {                                                                                       \
		struct http_response r_ = (request);                                               \
		assert_http(r_, 200);                                                              \
		assert_string_equal(talk_texts(&r_), (texts));                                     \
		http_response_free(&r_);                                                           \
	} while (0)

/* A request is answered with this status; the code of an error, or NULL. */
#define assert_answer(request, status, code)                                                       \
	do {                                                                                       \
		struct http_response r_ = (request);                                               \
		const char          *code_ = (code);                                               \
		if (code_)                                                                         \
			assert_http_error(r_, (status), code_);                                    \
		assert_http(r_, (status));                                                         \
		http_response_free(&r_);                                                           \
	} while (0)

/* An RPC by the command line, which must go well; its answer, to be freed by json_decref(). */
json_t *talk_call(const struct server *s, const char *method, const char *json);

/* The same as an account, of messages, with JSON that is printed: "ListMissedMessages". */
json_t *talk_call_as(const struct server *s, int64_t account_id, const char *method,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Such a call fails, and says this. */
void talk_call_fails(const struct server *s, int64_t account_id, const char *method,
                     const char *json, const char *text);

#endif
