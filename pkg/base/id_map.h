/*
 * base/id_map.h - finds things by their number: of an account, a channel, a conversation.
 *
 * A table with open addressing and linear probing (Knuth, TAOCP 6.4), at most half full, that
 * doubles. Whoever lets a peer choose how many things there are bounds `count` before.
 *
 * Threads:  one at a time.
 * Memory:   what it points to is its owner's.
 */
#ifndef BASE_ID_MAP_H
#define BASE_ID_MAP_H

#include <stddef.h>
#include <stdint.h>

struct id_map_slot;

/* A zeroed one is empty. */
struct id_map {
	struct id_map_slot *slots;
	size_t              n_slots; /* a power of two, at most half of them used; or 0 */
	size_t              count;
};

/* What is under the number; NULL: nothing. */
void *id_map_get(const struct id_map *m, int64_t id);

/* Puts a value, which is not NULL, under the number, in place of what was there. */
void id_map_put(struct id_map *m, int64_t id, void *value);

/* Takes out what is under the number; NULL: nothing. */
void *id_map_take(struct id_map *m, int64_t id);

/*
 * Goes through all in no order: the next value after *cursor, which begins as 0; NULL at the end.
 * Meanwhile nothing is put or taken out.
 */
void *id_map_next(const struct id_map *m, size_t *cursor);

/* Frees the table; it is empty and may be used again. */
void id_map_fini(struct id_map *m);

#endif
