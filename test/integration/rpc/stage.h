/*
 * rpc/stage.h - what plays in a test of RPC: threads with loops, servers of the trial service, and
 * clients, all over the transport that is tried.
 *
 * The test's own thread stays outside: it has things done on the others and asserts what came.
 */
#ifndef RPC_STAGE_H
#define RPC_STAGE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "auth/identity.h"
#include "loop/loop.h"
#include "rpc/client.h"
#include "rpc/server.h"

/* ---- threads ---- */

struct stage_thread {
	pthread_t               thread;
	struct loop            *loop;
	struct fiber_scheduler *fibers;
};

void stage_thread_init(struct stage_thread *t);
/* Lets fibers end, then stops and joins. */
void stage_thread_fini(struct stage_thread *t);

/* Something done in a fiber of a thread. */
struct stage_job {
	struct stage_thread *thread;
	void (*fn)(void *arg);
	void            *arg;
	struct loop_task task;
	struct fiber    *fiber; /* the thread's own */
	pthread_mutex_t  mutex;
	pthread_cond_t   ended;
	bool             is_done; /* under mutex */
};

void stage_start(struct stage_job *j, struct stage_thread *t, void (*fn)(void *arg), void *arg);
void stage_wait(struct stage_job *j);
bool stage_is_done(struct stage_job *j);
/* Cancels the job's fiber, on its thread. */
void stage_cancel(struct stage_job *j);
/* Start and wait. */
void stage_do(struct stage_thread *t, void (*fn)(void *arg), void *arg);

/* Fails the test unless the number gets there within thirty seconds. */
void stage_until(const atomic_uint *number, unsigned at_least);

/* ---- the trial service ---- */

enum { TRIAL_MAX_NUMBERS = 16384 };

struct trial {
	atomic_uint        marks[TRIAL_MAX_NUMBERS];
	atomic_uint        waiting; /* calls of Wait that began */
	atomic_uint        cancelled;
	atomic_bool        is_let_go;
	struct rpc_client *next; /* where Relay asks */
};

/* ---- servers and clients ---- */

struct stage_server {
	struct stage_thread   thread;
	struct rpc_server    *server;
	struct trial          trial;
	const char           *url;
	uint32_t              max_calls;
	const struct rpc_tls *tls;  /* NULL: stage_tls */
	struct stage_server  *next; /* Relay asks it */
	status                result;
};

extern const struct identity_keys stage_keys;

/* What everybody here shows and believes over tls+tcp; NULL, until the program sets it. */
extern const struct rpc_tls *stage_tls;

/* Serves on a thread of its own at url; set max_calls, tls and next before, or not. */
void stage_server_start(struct stage_server *s, const char *url);
void stage_server_drain(struct stage_server *s);
void stage_server_cancel(struct stage_server *s);
/* Waits for calls to end, frees, joins. */
void stage_server_stop(struct stage_server *s);

struct stage_client {
	struct stage_thread   thread;
	struct rpc_client    *client;
	const struct rpc_tls *tls;
	const char           *urls[4]; /* NULL-ended */
};

/* A client on a thread of its own; returns when one of the replicas is up if must_be_up. */
void stage_client_start(struct stage_client *c, const char *const *urls, bool must_be_up);
/* The same, not waiting, but with other certificates than stage_tls. */
void stage_client_start_as(struct stage_client *c, const char *const *urls,
                           const struct rpc_tls *tls);
void stage_client_await(struct stage_client *c, bool is_up);
/* One more replica; does not wait for it. */
void stage_client_add(struct stage_client *c, const char *url);
void stage_client_stop(struct stage_client *c);

/* ---- calls ---- */

struct stage_call {
	struct stage_client     *client;
	const struct rpc_method *method;
	const ProtobufCMessage  *request;
	int64_t                  timeout_ms; /* 0: 10 s */
	struct identity          who;        /* sealed before, unless anonymous */
	struct rpc_call          call;       /* what came; until stage_call_fini() */
	ProtobufCMessage        *response;
	status                   result;
	struct stage_job         job;
};

void   stage_call_start(struct stage_call *c);
status stage_call_wait(struct stage_call *c);
/* Both. */
status stage_call_run(struct stage_call *c);
void   stage_call_fini(struct stage_call *c);

#endif
