#include "auth/identity.h"

#include <sodium.h>
#include <string.h>

#include "auth/secret.h"
#include "base/buf.h"
#include "canaduck/rpc/v1/envelope.schema.h"
#include "pb/message.h"
#include "test/support/test.h"

enum { NOW = 10000, ARENA_BYTES = 1 << 26 };

static struct arena         arena;
static struct identity_keys keys;

static const str roles[] = {{"user", 4}, {"admin", 5}};

static const struct identity roger = {
        .kind = IDENTITY_ACCOUNT,
        .account_id = INT64_C(9007199254740991),
        .session_id = 12,
        .name = {"roger", 5},
        .roles = roles,
        .n_roles = 2,
};

static struct identity_sealed seal(const struct identity *who)
{
	struct identity_sealed sealed = {0};

	assert_status(identity_seal(&keys, who, NOW, 60, 0, &arena, &sealed), CODE_OK);
	return sealed;
}

static status open_at(struct identity_sealed sealed, int64_t now_s)
{
	struct identity who;

	return identity_open(&keys, sealed, now_s, &arena, &who);
}

static void assert_refused(struct identity_sealed sealed)
{
	const struct identity before = {.account_id = 42};
	struct identity       who = before;

	assert_status(identity_open(&keys, sealed, NOW, &arena, &who), CODE_UNAUTHENTICATED);
	assert_memory_equal(&who, &before, sizeof who);
}

/* A message that would be opened. */
static rpcv1_identity good_message(void)
{
	rpcv1_identity m;

	rpcv1_identity_init(&m);
	m.key_id = keys.current_id;
	m.audience = arena_cstr(&arena, STR("canaduck"));
	m.issued_time = NOW;
	m.expire_time = NOW + 60;
	m.kind = RPCV1_KIND_ACCOUNT;
	m.account_id = 7;
	m.session_id = 3;
	m.name = arena_cstr(&arena, STR("roger"));
	return m;
}

/* Seals any bytes with the current key, under any id. */
static struct identity_sealed seal_bytes(str bytes, uint32_t key_id)
{
	uint8_t id[4] = {(uint8_t)(key_id >> 24), (uint8_t)(key_id >> 16), (uint8_t)(key_id >> 8),
	                 (uint8_t)key_id};
	uint8_t mac[32];
	crypto_auth_hmacsha256_state s;

	crypto_auth_hmacsha256_init(&s, keys.current, sizeof keys.current);
	crypto_auth_hmacsha256_update(&s, id, sizeof id);
	crypto_auth_hmacsha256_update(&s, (const uint8_t *)bytes.ptr, bytes.len);
	crypto_auth_hmacsha256_final(&s, mac);
	return (struct identity_sealed){
	        .identity = arena_dup(&arena, bytes),
	        .mac = arena_dup(&arena, (str){(const char *)mac, sizeof mac}),
	};
}

static struct identity_sealed seal_message(const rpcv1_identity *m)
{
	struct identity_sealed sealed;
	struct buf             b;

	buf_init(&b, ARENA_BYTES);
	assert_status(pb_pack(&m->base, &b), CODE_OK);
	sealed = seal_bytes(buf_str(&b), keys.current_id);
	buf_fini(&b);
	return sealed;
}

TEST(a_sealed_account_opens_to_the_same)
{
	struct identity who;

	assert_status(identity_open(&keys, seal(&roger), NOW, &arena, &who), CODE_OK);
	assert_int_equal(who.kind, IDENTITY_ACCOUNT);
	assert_true(who.account_id == roger.account_id);
	assert_true(who.session_id == 12);
	assert_str(who.name, "roger");
	assert_int_equal(who.n_roles, 2);
	assert_str(who.roles[0], "user");
	assert_str(who.roles[1], "admin");
	assert_true(who.expire_time == NOW + 60);
}

TEST(a_sealed_service_opens_to_the_same)
{
	struct identity service = {.kind = IDENTITY_SERVICE, .name = STR("stats")}, who;

	assert_status(identity_open(&keys, seal(&service), NOW, &arena, &who), CODE_OK);
	assert_int_equal(who.kind, IDENTITY_SERVICE);
	assert_str(who.name, "stats");
	assert_int_equal(who.n_roles, 0);
}

TEST(an_anonymous_caller_travels_as_nothing)
{
	struct identity        nobody = {.kind = IDENTITY_ANONYMOUS}, who = roger;
	struct identity_sealed sealed = seal(&nobody);

	assert_int_equal(sealed.identity.len, 0);
	assert_int_equal(sealed.mac.len, 0);
	assert_status(identity_open(&keys, sealed, NOW, &arena, &who), CODE_OK);
	assert_int_equal(who.kind, IDENTITY_ANONYMOUS);
	assert_true(who.account_id == 0);
	assert_int_equal(who.n_roles, 0);
}

TEST(a_role_is_found_by_its_whole_name)
{
	assert_true(identity_has_role(&roger, STR("user")));
	assert_true(identity_has_role(&roger, STR("admin")));
	assert_false(identity_has_role(&roger, STR("adm")));
	assert_false(identity_has_role(&roger, STR("")));
	assert_false(identity_has_role(&(struct identity){0}, STR("user")));
}

TEST(a_change_of_any_bit_is_refused)
{
	struct identity_sealed sealed = seal(&roger);
	char                  *identity = arena_cstr(&arena, sealed.identity);
	char                  *mac = arena_cstr(&arena, sealed.mac);
	struct identity_sealed copy = {.identity = {identity, sealed.identity.len},
	                               .mac = {mac, sealed.mac.len}};

	for (size_t bit = 0; bit < 8 * copy.identity.len; bit++) {
		identity[bit / 8] ^= (char)(1 << bit % 8);
		assert_refused(copy);
		identity[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * copy.mac.len; bit++) {
		mac[bit / 8] ^= (char)(1 << bit % 8);
		assert_refused(copy);
		mac[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_status(open_at(copy, NOW), CODE_OK);
}

TEST(half_a_seal_is_refused)
{
	struct identity_sealed sealed = seal(&roger);

	assert_refused((struct identity_sealed){.identity = sealed.identity});
	assert_refused((struct identity_sealed){.mac = sealed.mac});
	assert_refused(
	        (struct identity_sealed){.identity = sealed.identity, .mac = {sealed.mac.ptr, 31}});
	assert_refused(
	        (struct identity_sealed){.identity = {sealed.identity.ptr, 5}, .mac = sealed.mac});
	assert_refused(seal_bytes(STR(""), keys.current_id));
}

TEST(what_is_sealed_but_no_identity_is_refused)
{
	assert_status(open_at(seal_bytes(STR("\x0a"), keys.current_id), NOW), CODE_UNAUTHENTICATED);
	assert_refused(seal_bytes(STR("\xff\xff\xff"), keys.current_id));
}

TEST(only_the_current_and_the_previous_key_open)
{
	static const struct {
		const char *current, *previous;
		enum code   code;
	} cases[] = {
	        {"first secret", "", CODE_OK},
	        {"second secret", "first secret", CODE_OK},
	        {"first secret", "second secret", CODE_OK},
	        {"second secret", "", CODE_UNAUTHENTICATED},
	        {"third secret", "second secret", CODE_UNAUTHENTICATED},
	        {"", "", CODE_UNAUTHENTICATED},
	};
	struct identity_keys   sealing;
	struct identity_sealed sealed;

	identity_keys_derive(STR("first secret"), STR(""), &sealing);
	assert_status(identity_seal(&sealing, &roger, NOW, 60, 0, &arena, &sealed), CODE_OK);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct identity_keys opening;
		struct identity      who;

		identity_keys_derive(str_c(cases[i].current), str_c(cases[i].previous), &opening);
		assert_status(identity_open(&opening, sealed, NOW, &arena, &who), cases[i].code);
	}
}

TEST(sealing_uses_the_current_key)
{
	struct identity_keys   both, previous;
	struct identity_sealed sealed;
	struct identity        who;

	identity_keys_derive(STR("second secret"), STR("first secret"), &both);
	identity_keys_derive(STR("first secret"), STR(""), &previous);
	assert_status(identity_seal(&both, &roger, NOW, 60, 0, &arena, &sealed), CODE_OK);
	assert_status(identity_open(&previous, sealed, NOW, &arena, &who), CODE_UNAUTHENTICATED);
}

TEST(a_key_is_derived_by_secret_and_named_by_its_id)
{
	struct identity_keys one, same, other;

	identity_keys_derive(STR("first secret"), STR(""), &one);
	identity_keys_derive(STR("first secret"), STR("second secret"), &same);
	identity_keys_derive(STR("second secret"), STR(""), &other);
	assert_memory_equal(one.current, same.current, sizeof one.current);
	assert_int_equal(one.current_id, same.current_id);
	assert_int_equal(one.previous_id, 0);
	assert_int_equal(same.previous_id, other.current_id);
	assert_memory_equal(same.previous, other.current, sizeof one.current);
	assert_memory_not_equal(one.current, other.current, sizeof one.current);
	assert_int_not_equal(one.current_id, other.current_id);
}

TEST(a_key_answers_to_its_own_id_only)
{
	rpcv1_identity m = good_message();
	struct buf     b;

	assert_status(open_at(seal_message(&m), NOW), CODE_OK);
	m.key_id++;
	assert_refused(seal_message(&m)); /* named otherwise inside */
	m.key_id = 0;
	assert_refused(seal_message(&m));

	m = good_message();
	buf_init(&b, ARENA_BYTES);
	assert_status(pb_pack(&m.base, &b), CODE_OK);
	assert_refused(seal_bytes(buf_str(&b), keys.current_id + 1)); /* named so in the MAC */
	buf_fini(&b);
}

TEST(a_seal_holds_for_its_time_and_a_few_seconds)
{
	static const struct {
		int64_t   issued, expire;
		enum code code;
	} cases[] = {
	        {NOW, NOW + 60, CODE_OK},
	        {NOW, NOW + 61, CODE_UNAUTHENTICATED},
	        {NOW + 5, NOW + 65, CODE_OK},
	        {NOW + 6, NOW + 60, CODE_UNAUTHENTICATED},
	        {NOW - 60, NOW, CODE_OK},
	        {NOW - 65, NOW - 5, CODE_OK},
	        {NOW - 66, NOW - 6, CODE_UNAUTHENTICATED},
	        {NOW - 66, NOW, CODE_UNAUTHENTICATED},
	        {0, 0, CODE_UNAUTHENTICATED},
	        {0, INT64_MAX, CODE_UNAUTHENTICATED},
	        {INT64_MIN, NOW, CODE_UNAUTHENTICATED},
	        {INT64_MIN, INT64_MAX, CODE_UNAUTHENTICATED},
	        {NOW, INT64_MIN, CODE_UNAUTHENTICATED},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		rpcv1_identity m = good_message();

		m.issued_time = cases[i].issued;
		m.expire_time = cases[i].expire;
		assert_status(open_at(seal_message(&m), NOW), cases[i].code);
	}
}

TEST(sealing_bounds_the_time)
{
	static const struct {
		int64_t ttl_s, not_after, expire;
	} cases[] = {
	        {60, 0, NOW + 60},        {10, 0, NOW + 10},        {3600, 0, NOW + 60},
	        {60, NOW + 20, NOW + 20}, {10, NOW + 20, NOW + 10}, {60, NOW - 3, NOW - 3},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct identity_sealed sealed;
		struct identity        who;

		assert_status(identity_seal(&keys, &roger, NOW, cases[i].ttl_s, cases[i].not_after,
		                            &arena, &sealed),
		              CODE_OK);
		assert_status(identity_open(&keys, sealed, NOW, &arena, &who), CODE_OK);
		assert_true(who.expire_time == cases[i].expire);
	}
}

TEST(another_audience_is_refused)
{
	static const char *const others[] = {"", "canaduc", "canaduck ", "Canaduck", "other"};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		rpcv1_identity m = good_message();

		m.audience = arena_cstr(&arena, str_c(others[i]));
		assert_refused(seal_message(&m));
	}
}

TEST(a_caller_without_name_or_number_is_refused)
{
	rpcv1_identity m = good_message();

	m.account_id = 0;
	assert_refused(seal_message(&m));
	m.account_id = -7;
	assert_refused(seal_message(&m));
	m.kind = RPCV1_KIND_SERVICE;
	assert_status(open_at(seal_message(&m), NOW), CODE_OK);
	m.name[0] = '\0';
	assert_refused(seal_message(&m));
	m = good_message();
	m.kind = RPCV1_KIND_UNSPECIFIED;
	assert_refused(seal_message(&m));
	m.kind = (rpcv1_identity_kind)3;
	assert_refused(seal_message(&m));
}

TEST(roles_are_bounded_on_both_sides)
{
	str                    many[IDENTITY_MAX_ROLES + 1];
	char                  *texts[IDENTITY_MAX_ROLES + 1];
	struct identity        who = roger;
	struct identity_sealed sealed = {0};
	rpcv1_identity         m = good_message();

	for (size_t i = 0; i <= IDENTITY_MAX_ROLES; i++) {
		many[i] = STR("user");
		texts[i] = arena_cstr(&arena, many[i]);
	}
	who.roles = many;
	who.n_roles = IDENTITY_MAX_ROLES;
	assert_status(open_at(seal(&who), NOW), CODE_OK);
	who.n_roles++;
	assert_status(identity_seal(&keys, &who, NOW, 60, 0, &arena, &sealed), CODE_INTERNAL);
	assert_int_equal(sealed.mac.len, 0);
	m.roles = texts;
	m.n_roles = IDENTITY_MAX_ROLES + 1;
	assert_refused(seal_message(&m));
}

TEST(an_identity_too_large_is_neither_sealed_nor_opened)
{
	struct identity        who = roger;
	struct identity_sealed sealed = {0};
	rpcv1_identity         m = good_message();

	m.name = arena_alloc(&arena, 16385);
	memset(m.name, 'r', 16384);
	m.name[16384] = '\0';
	who.name = str_c(m.name);
	assert_status(identity_seal(&keys, &who, NOW, 60, 0, &arena, &sealed),
	              CODE_RESOURCE_EXHAUSTED);
	assert_refused(seal_message(&m));
}

static int setup(void **state)
{
	(void)state;
	secret_setup();
	arena_init(&arena, ARENA_BYTES);
	identity_keys_derive(STR("a secret of the tests"), STR("the one before"), &keys);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

TEST_MAIN(setup, teardown)
