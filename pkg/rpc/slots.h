/*
 * rpc/slots.h - call ids: a bounded table whose ids are never valid twice.
 *
 * An id is generation << 32 | slot. The generation grows each time a slot is taken, so a late
 * reply to a call that was given up finds nobody, though its slot serves another call by then.
 *
 * Threads:  none of its own.
 */
#ifndef RPC_SLOTS_H
#define RPC_SLOTS_H

#include <stdint.h>

struct rpc_slot;

struct rpc_slots {
	struct rpc_slot *slots;
	uint32_t         size;
	uint32_t         count; /* taken */
	uint32_t         free;  /* first free one; size: none */
};

void rpc_slots_init(struct rpc_slots *s, uint32_t size);
void rpc_slots_fini(struct rpc_slots *s);

/* Takes a slot for the owner, which is not NULL; 0, which is no id, when all are taken. */
uint64_t rpc_slots_take(struct rpc_slots *s, void *owner);

/* The owner, or NULL when the id is not taken (any more). Any id a peer may send is fine. */
void *rpc_slots_get(const struct rpc_slots *s, uint64_t id);

/* Gives the slot back; fine when the id is not taken. */
void rpc_slots_release(struct rpc_slots *s, uint64_t id);

/* The id of a slot that is taken, or 0 when none is: to empty the table. */
uint64_t rpc_slots_any(const struct rpc_slots *s);

#endif
