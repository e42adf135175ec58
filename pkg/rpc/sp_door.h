/*
 * rpc/sp_door.h - a listening socket, and those who come in by it.
 */
#ifndef RPC_SP_DOOR_H
#define RPC_SP_DOOR_H

#include "base/status.h"
#include "loop/loop.h"
#include "rpc/sp_address.h"

struct rpc_sp_door {
	struct loop *loop;
	int          fd; /* -1: closed */
	/* A connection, which does not block and is the callee's; may close the door. */
	void (*on_connection)(struct rpc_sp_door *d, int fd);
	struct rpc_sp_address address;
	struct loop_watch     watch;
	struct loop_timer     again;
};

/*
 * Listens at a path, for the owner of the process only, where what a server that is gone left there
 * is replaced; or at a port, where the host may be a name, which is asked for at once, or "*".
 * INVALID_ARGUMENT for an address that is none of this machine, ALREADY_EXISTS when somebody
 * listens there.
 */
must_check status rpc_sp_door_open(struct rpc_sp_door *d, struct loop *l,
                                   const struct rpc_sp_address *at,
                                   void (*on_connection)(struct rpc_sp_door *d, int fd));

/* Closes it and takes the path away; fine when it is zeroed or closed. */
void rpc_sp_door_close(struct rpc_sp_door *d);

#endif
