/*
 * support/ws.h - a WebSocket client for tests (RFC 6455), which can misbehave.
 *
 * One thread at a time for each; nothing here asserts.
 */
#ifndef TEST_SUPPORT_WS_H
#define TEST_SUPPORT_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ws_opcode { WS_CONT = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

struct ws_request {
	const char        *path;          /* "/api/v1/chat/ws?token=..." */
	const char        *token;         /* as Bearer; NULL: none */
	const char        *protocol;      /* subprotocols offered; NULL: none */
	const char *const *headers;       /* further ones, "name: value", NULL-ended; or NULL */
	const char        *source;        /* address to come from; NULL: any */
	int                receive_bytes; /* of the system's buffer; 0: its own choice */
};

struct ws {
	int    fd;         /* -1: none */
	int    status;     /* of the answer to the handshake; 0: none came */
	char   head[4096]; /* that answer, the start of its body too; ended by a NUL */
	char  *in;
	size_t in_len, in_size, in_at; /* read; of these taken from in_at on */
	bool   ignores_pings;
};

enum ws_kind {
	WS_NOTHING, /* in time */
	WS_MESSAGE, /* a text */
	WS_PINGED,  /* a ping came; it was answered, unless pings are ignored */
	WS_PONGED,
	WS_CLOSED, /* a close came, with code and reason */
	WS_OVER,   /* the connection ended */
	WS_BROKEN  /* what came breaks the RFC */
};

struct ws_event {
	enum ws_kind kind;
	const char  *text; /* ended by a NUL; until the next call */
	size_t       len;
	int          code; /* of a close; 1005: none */
};

/* Connects to 127.0.0.1 and shakes hands; true when that went well. Close it in any case. */
bool ws_open(struct ws *w, uint16_t port, const struct ws_request *req);
/* The same in two steps, for many at once. ws_finish() waits for the answer. */
bool ws_begin(struct ws *w, uint16_t port, const struct ws_request *req);
bool ws_finish(struct ws *w);

/* Closes the connection without a word; its memory too. */
void ws_close(struct ws *w);

/* Sends a whole message or control frame, masked. False: the connection is over. */
bool ws_send(struct ws *w, enum ws_opcode opcode, const void *payload, size_t len);
bool ws_text(struct ws *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A close with a code; 0: an empty one. */
bool ws_send_close(struct ws *w, int code);

/* Bytes as they are. */
bool ws_send_bytes(struct ws *w, const void *bytes, size_t len);
/* A frame with this first byte, masked or not, whatever it says; at most 64 KiB. */
bool ws_send_frame(struct ws *w, uint8_t first_byte, bool is_masked, const void *payload,
                   size_t len);

/* What comes next, at most after timeout_ms. */
struct ws_event ws_next(struct ws *w, int timeout_ms);
/* What has come already, of what ws_fill() read. */
struct ws_event ws_take(struct ws *w);
/* Reads what is there, without waiting. False: the connection is over. */
bool ws_fill(struct ws *w);

#endif
