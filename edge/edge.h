/*
 * edge/edge.h - the public door: HTTP in, RPC out.
 *
 * The edge keeps no data. It checks tokens, turns JSON into requests by the routes that the
 * services' tables carry, and answers. One worker a loop; several share a port by SO_REUSEPORT.
 */
#ifndef EDGE_EDGE_H
#define EDGE_EDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/identity.h"
#include "base/status.h"
#include "config/config.h"
#include "runtime/address.h"

struct edge_census;
struct edge_sessions;
struct rpc_service;
struct rpc_tls;
struct runtime_worker;

struct edge_config {
	const char *host;
	uint32_t    port; /* 0: the system chooses */
	const char *jwt_secret;
	const char *cors_allow_origins; /* comma-separated, or "*" */
	const char *trusted_proxies;    /* comma-separated addresses, or with /bits */
	const char *tls_cert_file, *tls_key_file;
	uint32_t    request_timeout_ms;
	uint32_t    send_timeout_ms;
	uint32_t    idle_timeout_ms;
	uint32_t    max_connections;
	uint32_t    max_requests;
	uint32_t    presence_interval_ms;
	uint32_t    max_streams, max_streams_each;
	uint32_t    events_queue_bytes;
	uint32_t    events_heartbeat_ms;
	uint32_t    max_sockets, max_account_sockets;
	uint32_t    socket_ping_ms, socket_silence_ms;
	bool        has_http2;
};

extern const struct config_field edge_config_fields[];

/* The services whose events it follows, NULL-ended: those of sessions, streams and sockets. */
extern const char *const edge_followed[];

/* Appends what the table cannot see: mistakes of a list, and of two variables together. */
void edge_config_check(const struct edge_config *cfg, struct buf *mistakes);

struct edge_host {
	const struct edge_config        *cfg;
	const struct identity_keys      *keys;
	const struct rpc_tls            *tls;         /* NULL: no certificates for tls+tcp */
	const struct rpc_service *const *services;    /* NULL-ended: whose routes it serves */
	const struct runtime_address    *addresses;   /* where they are */
	struct edge_sessions            *sessions;    /* one for all loops (edge/sessions.h) */
	struct edge_census              *census;      /* the same (edge/census.h) */
	bool                             shares_port; /* several loops listen on it */
};

/*
 * Starts one loop. The host is borrowed until the worker was freed. *out_port is the port that it
 * listens on. UNAVAILABLE when the address is taken; FAILED_PRECONDITION when two routes conflict.
 */
must_check status edge_start(const struct edge_host *host, struct runtime_worker **out_worker,
                             uint16_t *out_port);

/* The private port: GET /metrics and /healthz, for operators only. Same contract. */
must_check status edge_private_start(const char *address, uint16_t port,
                                     struct runtime_worker **out_worker, uint16_t *out_port);

#endif
