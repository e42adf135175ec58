/*
 * edge/respond.h - answers: JSON, errors in the one form, headers that every answer has.
 *
 * Codes to HTTP in one table (edge/respond.c).
 */
#ifndef EDGE_RESPOND_H
#define EDGE_RESPOND_H

#include "base/buf.h"
#include "edge/exchange.h"

/* One more response header; text must live in the arena or be static. */
void edge_respond_header(struct edge_exchange *ex, const char *name, str value);

/* Answers with a body; once. No body for 204. Does nothing when the client left. */
void edge_respond(struct edge_exchange *ex, int http_status, const char *content_type, str body);

/* The same with what clients may keep if they ask each time whether it still holds; no body for
 * 304. */
void edge_respond_kept(struct edge_exchange *ex, int http_status, const char *content_type,
                       str body);

/* Answers with the error body for a status; http_status 0: by the table. */
void edge_respond_error(struct edge_exchange *ex, status st, int http_status);

/* The request is one of a chat client, whose answers have a form of their own. */
bool edge_respond_is_to_chat(const struct edge_exchange *ex);

/*
 * Begins an answer with 200 and without an end, which the caller sends by the generator (h2o_send);
 * the exchange, whose client is there and whose anchor was handed over, has answered. Returns its
 * request.
 */
h2o_req_t *edge_respond_begin(struct edge_exchange *ex, const char *content_type,
                              h2o_generator_t *generator);

/*
 * Answers with 101: the connection is handed to on_upgraded once that has gone out, NULL if it
 * could not. HTTP/1.1 only; the client has not left. Headers were added before.
 */
void edge_respond_upgrade(struct edge_exchange *ex,
                          void (*on_upgraded)(void *arg, h2o_socket_t *sock, size_t request_bytes),
                          void *arg);

/* HTTP status of a code as a service means it. */
int edge_respond_http_status(enum code code);

#endif
