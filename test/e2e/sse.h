/*
 * e2e/sse.h - a client of server-sent events (HTML, 9.2) over a socket of its own.
 */
#ifndef TEST_E2E_SSE_H
#define TEST_E2E_SSE_H

#include "test/e2e/e2e.h"

enum { SSE_WAIT_MS = 10000, SSE_HEAD_BYTES = 4096, SSE_ID_BYTES = 256, SSE_NAME_BYTES = 64 };

struct sse {
	int      fd;
	long     status;
	char     head[SSE_HEAD_BYTES]; /* the response's, as it came */
	char    *raw;                  /* what came and is not taken apart yet */
	size_t   raw_len;
	char    *text; /* of the body */
	size_t   text_len;
	bool     is_over;               /* the server ended it, properly if is_whole */
	bool     is_whole;              /* the last chunk came */
	unsigned n_comments;            /* so far */
	char     id[SSE_ID_BYTES];      /* the last one */
	char     event[SSE_NAME_BYTES]; /* of the event that sse_next() found */
	char    *data;
	json_t  *json; /* the data */
};

struct sse_request {
	uint16_t    port;
	const char *query;     /* behind "/events?" */
	const char *token;     /* in a header; NULL: none */
	const char *last_id;   /* in a header; NULL: none */
	int         rcv_bytes; /* of the socket's buffer; 0: as usual */
};

/* Sends the request and reads the head of the answer; status 0 when none came. */
void sse_ask(struct sse *s, const struct sse_request *req);

/* The same; it must be answered with 200, and its first lines have come when this returns. */
void sse_open(struct sse *s, const struct sse_request *req);

/* Waits for the next event. False after timeout_ms, or when the stream is over. */
bool sse_next(struct sse *s, int timeout_ms);

/* The next event comes in time and has this name; its data is in s->json. */
#define assert_event(s, name) sse_assert_event((s), (name), __FILE__, __LINE__)
void sse_assert_event(struct sse *s, const char *name, const char *file, int line);

/* What stands in the data of the event. */
int64_t     sse_int(const struct sse *s, const char *key);
const char *sse_text(const struct sse *s, const char *key);

/* The stream ends, without an event in between. */
#define assert_over(s) sse_assert_over((s), __FILE__, __LINE__)
void sse_assert_over(struct sse *s, const char *file, int line);

/* Hangs up and frees. Twice is fine. */
void sse_close(struct sse *s);

#endif
