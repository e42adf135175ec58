/*
 * rpc/pipe.h - the two lanes between a link and a port of one process.
 *
 * Whoever puts the first frame into an empty lane wakes the other end; that end takes all there is
 * in one go. Each end closes by itself; the second to do so frees the pipe.
 *
 * Threads:  an end belongs to one loop thread; a mutex is between them.
 */
#ifndef RPC_PIPE_H
#define RPC_PIPE_H

#include <pthread.h>
#include <stdbool.h>

#include "base/status.h"
#include "loop/loop.h"
#include "rpc/lane.h"

struct rpc_pipe_end {
	struct loop      *loop; /* NULL: closed */
	struct loop_task *task;
	struct rpc_lane   out; /* what it sent and the other has not taken */
};

struct rpc_pipe {
	pthread_mutex_t     mutex; /* guards what follows */
	struct rpc_pipe_end link, port;
	bool                is_draining; /* the port takes nothing new */
};

/* A pipe open at both ends; task is what is posted to each end's loop when something came. */
struct rpc_pipe *rpc_pipe_new(struct loop *link_loop, struct loop_task *link_task,
                              struct loop *port_loop, struct loop_task *port_task);

/* Link's end. Sends a request: UNAVAILABLE, surely not sent, when the port is closed or draining,
 * or the lane full. */
must_check status rpc_pipe_request(struct rpc_pipe *p, uint64_t id, str envelope);

/* Port's end. Sends a reply; it is lost if the link is closed. */
void rpc_pipe_reply(struct rpc_pipe *p, uint64_t id, str envelope);

/* Port's end. Takes nothing new from now on, and tells the link. */
void rpc_pipe_drain(struct rpc_pipe *p);

/* Port's end. Takes the requests there are into an empty lane; false when the link is closed. */
bool rpc_pipe_take_requests(struct rpc_pipe *p, struct rpc_lane *requests);

/* What a link finds at its end. */
enum rpc_pipe_state { RPC_PIPE_OPEN, RPC_PIPE_DRAINING, RPC_PIPE_CLOSED };

/*
 * Link's end. Takes the replies there are into an empty lane; of a closed pipe also the requests
 * that the port never took, which surely were not executed, into `unsent`.
 */
enum rpc_pipe_state rpc_pipe_take_replies(struct rpc_pipe *p, struct rpc_lane *replies,
                                          struct rpc_lane *unsent);

/* Close an end; the pipe must not be used by it again. */
void rpc_pipe_close_link(struct rpc_pipe *p);
void rpc_pipe_close_port(struct rpc_pipe *p);

#endif
