/*
 * e2e/chatter.h - what tests of the chat's WebSocket share.
 */
#ifndef TEST_E2E_CHATTER_H
#define TEST_E2E_CHATTER_H

#include "test/e2e/chat.h"
#include "test/support/ws.h"

#define CHATTER_PATH "/api/v1/chat/ws"

enum { CHATTER_WAIT_MS = 10000 };

/* A client that is connected, and has been told so. */
struct ws chatter_open(uint16_t port, const char *token);

/* What a frame says in its data; 0 and "" for what it does not. */
int64_t     chatter_int(json_t *frame, const char *field);
const char *chatter_text(json_t *frame, const char *field);

/*
 * The next message, which is of this type; to be freed by json_decref(). Pings are passed over, and
 * so is presence everywhere here, unless that is what is awaited.
 */
#define chatter_next(w, type) chatter_next_at((w), (type), __FILE__, __LINE__)
json_t *chatter_next_at(struct ws *w, const char *type, const char *file, int line);

/* The same, and what it says of "data" is this JSON, down to the last field. */
#define assert_next(w, type, data) chatter_assert_next((w), (type), (data), __FILE__, __LINE__)
void chatter_assert_next(struct ws *w, const char *type, const char *data, const char *file,
                         int line);

/* The next message is an error of this code. */
#define assert_next_error(w, code) chatter_assert_error((w), (code), __FILE__, __LINE__)
void chatter_assert_error(struct ws *w, const char *code, const char *file, int line);

/* It is closed with this code, after nothing else, and then ends; frees it. */
#define assert_closed(w, code) chatter_assert_closed((w), (code), __FILE__, __LINE__)
void chatter_assert_closed(struct ws *w, int code, const char *file, int line);

/* Nothing was on its way: a ping is answered first of all. */
#define assert_quiet(w) chatter_assert_quiet((w), __FILE__, __LINE__)
void chatter_assert_quiet(struct ws *w, const char *file, int line);

/* Says goodbye, and waits until the other end has. */
void chatter_leave(struct ws *w);

#endif
