#include "auth/password.h"

#include "fiber/offload.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

/*
 * A job lies in the frame of the fiber that waits for it: offload_run() comes back only when the
 * job is done or never began, so the password is borrowed and copied nowhere.
 */
struct job {
	unsigned long long passes;
	size_t             memory_bytes;
	str                password;
	char               hash[crypto_pwhash_STRBYTES];
	bool               is_done;          /* hashing: there is a hash; verifying: it matches */
	bool               is_out_of_memory; /* else it would look like a wrong password */
};

static void job_init(struct job *j, const struct password_cost *cost, str password)
{
	*j = (struct job){
	        .passes = cost->passes,
	        .memory_bytes = (size_t)cost->memory_kib * 1024,
	        .password = password,
	};
	assert(j->memory_bytes >= crypto_pwhash_MEMLIMIT_MIN);
	assert(j->passes >= crypto_pwhash_OPSLIMIT_MIN);
}

static void hash_on_pool(void *arg)
{
	struct job *j = arg;

	j->is_done = crypto_pwhash_str(j->hash, j->password.ptr, j->password.len, j->passes,
	                               j->memory_bytes) == 0;
	j->is_out_of_memory = !j->is_done;
}

static void verify_on_pool(void *arg)
{
	struct job *j = arg;

	errno = 0;
	j->is_done = crypto_pwhash_str_verify(j->hash, j->password.ptr, j->password.len) == 0;
	j->is_out_of_memory = !j->is_done && errno == ENOMEM;
}

static status run(struct offload *o, void (*fn)(void *arg), struct job *j)
{
	TRY(offload_run(o, fn, j));
	if (j->is_out_of_memory)
		return status_error(CODE_UNAVAILABLE, "not enough memory to hash a password");
	return STATUS_OK;
}

status password_hash(struct offload *o, const struct password_cost *cost, str password,
                     struct arena *a, str *out_hash)
{
	struct job j;

	job_init(&j, cost, password);
	TRY(run(o, hash_on_pool, &j));
	*out_hash = arena_dup(a, str_c(j.hash));
	return STATUS_OK;
}

status password_verify(struct offload *o, const struct password_cost *cost, str hash, str password,
                       bool *out_matches)
{
	struct job j;

	job_init(&j, cost, password);
	if (hash.len == 0) {
		TRY(run(o, hash_on_pool, &j));
		*out_matches = false;
		return STATUS_OK;
	}
	if (hash.len >= sizeof j.hash)
		return status_error(CODE_INTERNAL, "stored password hash is too long");
	memcpy(j.hash, hash.ptr, hash.len);
	TRY(run(o, verify_on_pool, &j));
	*out_matches = j.is_done;
	return STATUS_OK;
}
