#include "auth/identity.h"

#include "auth/hkdf.h"
#include "auth/secret.h"
#include "base/buf.h"
#include "base/mem.h"
#include "canaduck/rpc/v1/envelope.schema.h"
#include "pb/message.h"

#include <sodium.h>

#define AUDIENCE "canaduck"

enum {
	MAC_BYTES = crypto_auth_hmacsha256_BYTES,
	MAX_BYTES = 16 * 1024, /* packed; more than any token holds */
};

_Static_assert(IDENTITY_KEY_BYTES == crypto_auth_hmacsha256_KEYBYTES, "one kind of key");
_Static_assert((int)IDENTITY_ANONYMOUS == RPCV1_KIND_UNSPECIFIED &&
                       (int)IDENTITY_ACCOUNT == RPCV1_KIND_ACCOUNT &&
                       (int)IDENTITY_SERVICE == RPCV1_KIND_SERVICE,
               "kinds have the same numbers in the envelope");

static const status refused = {CODE_UNAUTHENTICATED, "identity is invalid"};
static const status expired = {CODE_UNAUTHENTICATED, "identity is expired"};

bool identity_has_role(const struct identity *who, str role)
{
	for (unsigned i = 0; i < who->n_roles; i++)
		if (str_eq(who->roles[i], role))
			return true;
	return false;
}

/* ---- keys ---- */

static void put_u32(uint32_t v, uint8_t out[4])
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* Says nothing of the key but which it is; 0 means none. */
static uint32_t id_of_key(const uint8_t key[IDENTITY_KEY_BYTES])
{
	uint8_t  hash[32];
	uint32_t id = 0;

	secret_hash((str){(const char *)key, IDENTITY_KEY_BYTES}, hash);
	for (int i = 0; i < 4; i++)
		id = id << 8 | hash[i];
	return id ? id : 1;
}

void identity_keys_derive(str secret, str previous, struct identity_keys *out_keys)
{
	static const str     info = {"identity v1", sizeof "identity v1" - 1}, no_salt = {0};
	struct identity_keys keys = {0};

	hkdf_sha256(secret, no_salt, info, keys.current, sizeof keys.current);
	keys.current_id = id_of_key(keys.current);
	if (previous.len) {
		hkdf_sha256(previous, no_salt, info, keys.previous, sizeof keys.previous);
		keys.previous_id = id_of_key(keys.previous);
	}
	*out_keys = keys;
	sodium_memzero(&keys, sizeof keys);
}

/* HMAC over the key's id, big-endian, and the packed identity. */
static void mac_of(const uint8_t key[IDENTITY_KEY_BYTES], uint32_t key_id, str identity,
                   uint8_t out[MAC_BYTES])
{
	crypto_auth_hmacsha256_state hmac;
	uint8_t                      id[4];

	put_u32(key_id, id);
	crypto_auth_hmacsha256_init(&hmac, key, IDENTITY_KEY_BYTES);
	crypto_auth_hmacsha256_update(&hmac, id, sizeof id);
	crypto_auth_hmacsha256_update(&hmac, (const uint8_t *)identity.ptr, identity.len);
	crypto_auth_hmacsha256_final(&hmac, out);
}

/* ---- seal ---- */

static char **cstrs(const str *texts, unsigned n, struct arena *a)
{
	char **all = arena_alloc(a, n * sizeof *all);

	for (unsigned i = 0; i < n; i++)
		all[i] = arena_cstr(a, texts[i]);
	return all;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

status identity_seal(const struct identity_keys *keys, const struct identity *who, int64_t now_s,
                     int64_t ttl_s, int64_t not_after, struct arena *a,
                     struct identity_sealed *out_sealed)
{
	AUTO(buf_fini) struct buf packed = {.ceiling = MAX_BYTES};
	rpcv1_identity            m;
	uint8_t                   mac[MAC_BYTES];

	if (who->kind == IDENTITY_ANONYMOUS) {
		*out_sealed = (struct identity_sealed){0};
		return STATUS_OK;
	}
	if (who->n_roles > IDENTITY_MAX_ROLES)
		return status_error(CODE_INTERNAL, "identity has too many roles");
	rpcv1_identity_init(&m);
	m.key_id = keys->current_id;
	m.audience = (char[]){AUDIENCE};
	m.issued_time = now_s;
	m.expire_time = now_s + smaller(ttl_s, IDENTITY_MAX_TTL_S);
	if (not_after)
		m.expire_time = smaller(m.expire_time, not_after);
	m.kind = (rpcv1_identity_kind)who->kind;
	m.account_id = who->account_id;
	m.session_id = who->session_id;
	m.name = arena_cstr(a, who->name);
	m.roles = cstrs(who->roles, who->n_roles, a);
	m.n_roles = who->n_roles;
	TRY(pb_pack(&m.base, &packed));
	mac_of(keys->current, keys->current_id, buf_str(&packed), mac);
	*out_sealed = (struct identity_sealed){
	        .identity = arena_dup(a, buf_str(&packed)),
	        .mac = arena_dup(a, (str){(const char *)mac, sizeof mac}),
	};
	return STATUS_OK;
}

/* ---- open ---- */

static bool is_sealed_by(const uint8_t key[IDENTITY_KEY_BYTES], uint32_t key_id,
                         struct identity_sealed sealed)
{
	uint8_t mac[MAC_BYTES];

	mac_of(key, key_id, sealed.identity, mac);
	return secret_eq(sealed.mac, (str){(const char *)mac, sizeof mac});
}

/* The key is named inside of what it seals, and nothing is unpacked before it is verified: so
 * both are tried. */
static uint32_t id_of_sealer(const struct identity_keys *keys, struct identity_sealed sealed)
{
	if (is_sealed_by(keys->current, keys->current_id, sealed))
		return keys->current_id;
	if (keys->previous_id && is_sealed_by(keys->previous, keys->previous_id, sealed))
		return keys->previous_id;
	return 0;
}

static bool is_well_formed(const rpcv1_identity *m)
{
	if (!str_eq(str_c(m->audience), STR(AUDIENCE)) || m->n_roles > IDENTITY_MAX_ROLES)
		return false;
	if (m->issued_time < 0 || m->expire_time < 0 ||
	    m->expire_time - m->issued_time > IDENTITY_MAX_TTL_S)
		return false;
	return (m->kind == RPCV1_KIND_ACCOUNT && m->account_id > 0) ||
	       (m->kind == RPCV1_KIND_SERVICE && *m->name);
}

/* Texts stay where they were unpacked: in the arena. */
static struct identity identity_of(const rpcv1_identity *m, struct arena *a)
{
	str *roles = arena_alloc(a, m->n_roles * sizeof *roles);

	for (size_t i = 0; i < m->n_roles; i++)
		roles[i] = str_c(m->roles[i]);
	return (struct identity){
	        .kind = (enum identity_kind)m->kind,
	        .account_id = m->account_id,
	        .session_id = m->session_id,
	        .name = str_c(m->name),
	        .roles = roles,
	        .n_roles = (unsigned)m->n_roles,
	        .expire_time = m->expire_time,
	};
}

status identity_open(const struct identity_keys *keys, struct identity_sealed sealed, int64_t now_s,
                     struct arena *a, struct identity *out_who)
{
	const rpcv1_identity *m;
	ProtobufCMessage     *unpacked;
	uint32_t              key_id;
	status                st;

	if (sealed.identity.len == 0 && sealed.mac.len == 0) {
		*out_who = (struct identity){.kind = IDENTITY_ANONYMOUS};
		return STATUS_OK;
	}
	if (sealed.identity.len == 0 || sealed.identity.len > MAX_BYTES)
		return refused;
	key_id = id_of_sealer(keys, sealed);
	if (key_id == 0)
		return refused;
	st = pb_unpack(a, rpcv1_identity_schema.descriptor, sealed.identity, &unpacked);
	if (st.code == CODE_INVALID_ARGUMENT)
		return refused;
	TRY(st);
	m = (const rpcv1_identity *)unpacked;
	if (m->key_id != key_id || !is_well_formed(m) || m->issued_time > now_s + IDENTITY_LEEWAY_S)
		return refused;
	if (m->expire_time < now_s - IDENTITY_LEEWAY_S)
		return expired;
	*out_who = identity_of(m, a);
	return STATUS_OK;
}
