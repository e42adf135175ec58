#include "auth/secret.h"
#include "auth/token.h"
#include "base/mem.h"

#include <sodium.h>

/*
 * Design notes. Buckets of a few entries each. The bucket comes from SipHash under a random key,
 * so nobody can aim tokens at one bucket; a hash alone never decides, the whole token does, in
 * constant time. A token is verified into `fresh`, whose arena then changes places with the
 * entry's: what does not verify drives nothing out.
 */

enum { WAYS = 4 };

struct entry {
	struct arena          arena; /* of token and claims */
	str                   token; /* empty: the entry is free */
	uint64_t              hash;
	uint64_t              age; /* the higher, the younger */
	struct token_verified verified;
};

struct token_cache {
	uint8_t       key[crypto_shorthash_KEYBYTES];
	unsigned      n_buckets, ways;
	uint64_t      n_stored;
	struct entry  fresh;
	struct entry *entries; /* n_buckets * ways */
};

struct token_cache *token_cache_new(unsigned max_entries)
{
	struct token_cache *c = mem_zalloc(sizeof *c);

	if (max_entries == 0)
		max_entries = 1;
	c->ways = max_entries < WAYS ? max_entries : WAYS;
	c->n_buckets = max_entries / c->ways;
	c->entries = mem_zalloc_array((size_t)c->n_buckets * c->ways, sizeof *c->entries);
	secret_random(c->key, sizeof c->key);
	return c;
}

static void entry_fini(struct entry *e)
{
	seal_fini(&e->verified.seal);
	arena_fini(&e->arena);
}

void token_cache_free(struct token_cache *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < (size_t)c->n_buckets * c->ways; i++)
		entry_fini(&c->entries[i]);
	entry_fini(&c->fresh);
	mem_free(c->entries);
	mem_free(c);
}

static uint64_t hash_of(const struct token_cache *c, str token)
{
	union {
		uint8_t  bytes[crypto_shorthash_BYTES];
		uint64_t word;
	} h;

	crypto_shorthash(h.bytes, (const uint8_t *)token.ptr, token.len, c->key);
	return h.word;
}

static struct entry *find(struct token_cache *c, struct entry *bucket, uint64_t hash, str token)
{
	for (unsigned i = 0; i < c->ways; i++)
		if (bucket[i].hash == hash && bucket[i].token.len &&
		    secret_eq(bucket[i].token, token))
			return &bucket[i];
	return NULL;
}

/* A free one has age 0. */
static struct entry *oldest(struct token_cache *c, struct entry *bucket)
{
	struct entry *found = bucket;

	for (unsigned i = 1; i < c->ways; i++)
		if (bucket[i].age < found->age)
			found = &bucket[i];
	return found;
}

status token_cache_verify(struct token_cache *c, str secret, str token, int64_t now_s,
                          struct token_verified **out_verified)
{
	uint64_t      hash = hash_of(c, token);
	struct entry *bucket = c->entries + (hash % c->n_buckets) * c->ways;
	struct entry *e = find(c, bucket, hash, token);
	struct entry  old;

	if (e && !token_is_expired(&e->verified.claims, now_s)) {
		*out_verified = &e->verified;
		return STATUS_OK;
	}
	arena_reset(&c->fresh.arena);
	TRY(token_verify(secret, token, now_s, &c->fresh.arena, &c->fresh.verified.claims));
	c->fresh.verified.seal.renew_s = 0; /* of whoever was here before */
	c->fresh.token = arena_dup(&c->fresh.arena, token);
	c->fresh.hash = hash;
	c->fresh.age = ++c->n_stored;
	e = oldest(c, bucket);
	old = *e;
	*e = c->fresh;
	c->fresh = old;
	*out_verified = &e->verified;
	return STATUS_OK;
}
