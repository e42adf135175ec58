#include "auth/token.h"

#include <sodium.h>
#include <string.h>

#include "auth/secret.h"
#include "base/buf.h"
#include "base/clock.h"
#include "fiber/fiber.h"
#include "loop/loop.h"
#include "test/support/test.h"

#define SECRET STR("a secret that is long enough for HS256")
#define HS256  "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define GOOD                                                                                       \
	"{\"sub\":\"7\",\"userId\":7,\"pseudo\":\"roger\",\"role\":\"ROLE_USER\","                 \
	"\"roles\":[\"user\"],\"sid\":3,\"iat\":1000,\"exp\":2000}"

enum { NOW = 1500 };

static struct arena arena;

static void put_base64(struct buf *b, str bytes)
{
	enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
	char   text[32768];
	size_t room = sodium_base64_encoded_len(bytes.len, VARIANT);

	assert_true(room <= sizeof text);
	sodium_bin2base64(text, room, (const uint8_t *)bytes.ptr, bytes.len, VARIANT);
	buf_put_bytes(b, text, room - 1);
}

enum mac { MAC_NONE, MAC_HS256, MAC_HS512 };

/* A token as somebody with any key makes it: nothing of it is checked. */
static str forge(str key, enum mac kind, str header, str payload)
{
	struct buf b;
	uint8_t    mac[64];
	str        token;

	buf_init(&b, 65536);
	put_base64(&b, header);
	buf_put_c(&b, '.');
	put_base64(&b, payload);
	if (kind == MAC_HS256) {
		crypto_auth_hmacsha256_state s;

		crypto_auth_hmacsha256_init(&s, (const uint8_t *)(key.ptr ? key.ptr : ""), key.len);
		crypto_auth_hmacsha256_update(&s, (const uint8_t *)b.ptr, b.len);
		crypto_auth_hmacsha256_final(&s, mac);
	} else if (kind == MAC_HS512) {
		crypto_auth_hmacsha512_state s;

		crypto_auth_hmacsha512_init(&s, (const uint8_t *)(key.ptr ? key.ptr : ""), key.len);
		crypto_auth_hmacsha512_update(&s, (const uint8_t *)b.ptr, b.len);
		crypto_auth_hmacsha512_final(&s, mac);
	}
	buf_put_c(&b, '.');
	put_base64(&b, (str){(const char *)mac, kind * 32u});
	token = arena_dup(&arena, buf_str(&b));
	buf_fini(&b);
	return token;
}

static str signed_by_us(const char *payload)
{
	return forge(SECRET, MAC_HS256, STR(HS256), str_c(payload));
}

static status verify(str token)
{
	struct token_claims claims;

	return token_verify(SECRET, token, NOW, &arena, &claims);
}

/* Refused as invalid, nothing written; `what` names the case of a table when it is not. */
static void assert_case_refused(const char *what, str token)
{
	const struct token_claims before = {.account_id = 42};
	struct token_claims       claims = before;
	status                    st = token_verify(SECRET, token, NOW, &arena, &claims);

	if (st.code != CODE_UNAUTHENTICATED)
		print_error("not refused: %s\n", what);
	assert_status(st, CODE_UNAUTHENTICATED);
	assert_string_equal(st.msg, "token is invalid");
	assert_memory_equal(&claims, &before, sizeof claims);
}

#define assert_refused(token) assert_case_refused(#token, (token))

static const str roles[] = {{"user", 4}, {"admin", 5}};

static struct token_claims some_claims(void)
{
	return (struct token_claims){.account_id = INT64_C(9007199254740991),
	                             .session_id = 12,
	                             .pseudo = STR("roger"),
	                             .roles = roles,
	                             .n_roles = 2,
	                             .issued_time = 1000,
	                             .expire_time = 2000};
}

TEST(a_signed_token_verifies_to_the_same_claims)
{
	struct token_claims in = some_claims(), out;
	str                 token;

	assert_status(token_sign(SECRET, &in, &arena, &token), CODE_OK);
	assert_status(token_verify(SECRET, token, NOW, &arena, &out), CODE_OK);
	assert_true(out.account_id == in.account_id);
	assert_true(out.session_id == 12);
	assert_str(out.pseudo, "roger");
	assert_int_equal(out.n_roles, 2);
	assert_str(out.roles[0], "user");
	assert_str(out.roles[1], "admin");
	assert_true(out.issued_time == 1000);
	assert_true(out.expire_time == 2000);
}

/* The claims' names and forms are public: other programs read them. */
TEST(a_signed_token_has_the_contracts_claims)
{
	struct token_claims in = some_claims();
	str                 token, header, rest, payload, signature;
	uint8_t             json[1024];
	size_t              n;

	assert_status(token_sign(SECRET, &in, &arena, &token), CODE_OK);
	assert_true(str_cut(token, '.', &header, &rest));
	assert_true(str_cut(rest, '.', &payload, &signature));
	assert_int_equal(sodium_base642bin(json, sizeof json, payload.ptr, payload.len, NULL, &n,
	                                   NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
	                 0);
	assert_str(((str){(const char *)json, n}),
	           "{\"exp\":2000,\"iat\":1000,\"pseudo\":\"roger\",\"role\":\"ROLE_ADMIN\","
	           "\"roles\":[\"user\",\"admin\"],\"sid\":12,\"sub\":\"9007199254740991\","
	           "\"userId\":9007199254740991}");
}

TEST(a_token_made_elsewhere_with_our_secret_verifies)
{
	assert_status(verify(signed_by_us(GOOD)), CODE_OK);
}

TEST(only_a_header_of_exactly_hs256_is_taken)
{
	static const struct {
		const char *header;
		enum mac    mac;
	} cases[] = {
	        {"{\"alg\":\"none\"}", MAC_NONE},
	        {"{\"alg\":\"none\"}", MAC_HS256},
	        {"{\"alg\":\"None\"}", MAC_NONE},
	        {"{\"alg\":\"NONE\"}", MAC_NONE},
	        {"{\"alg\":\"nOnE\"}", MAC_HS256},
	        {"{\"alg\":\"\"}", MAC_HS256},
	        {"{\"alg\":null}", MAC_HS256},
	        {"{\"alg\":[\"HS256\"]}", MAC_HS256},
	        {"{\"alg\":\"hs256\"}", MAC_HS256},
	        {"{\"alg\":\"HS256 \"}", MAC_HS256},
	        {"{\"alg\":\"HS256\\u0000\"}", MAC_HS256},
	        {"{\"alg\":\"none\",\"alg\":\"HS256\"}", MAC_HS256},
	        {"{\"alg\":\"HS256\",\"alg\":\"none\"}", MAC_NONE},
	        {"{\"typ\":\"JWT\"}", MAC_HS256},
	        {"{}", MAC_NONE},
	        {"", MAC_HS256},
	        {"[]", MAC_HS256},
	        {"\"HS256\"", MAC_HS256},
	        {"{\"alg\":\"HS256\"", MAC_HS256},
	        {"{\"alg\":\"HS256\"}x", MAC_HS256},
	        {"{\"alg\":\"HS512\"}", MAC_HS512},
	        {"{\"alg\":\"HS256\"}", MAC_HS512},
	        {"{\"alg\":\"HS256\"}", MAC_NONE},
	        {"{\"alg\":\"HS512\"}", MAC_HS256},
	        {"{\"alg\":\"HS384\"}", MAC_HS256},
	        {"{\"alg\":\"RS256\"}", MAC_HS256},
	        {"{\"alg\":\"ES256\"}", MAC_HS256},
	        {"{\"alg\":\"PS256\"}", MAC_HS256},
	        {"{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}", MAC_HS256},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_case_refused(cases[i].header,
		                    forge(SECRET, cases[i].mac, str_c(cases[i].header), STR(GOOD)));
}

TEST(claims_that_are_missing_or_of_another_type_are_refused)
{
	static const struct {
		const char *claim,
		        *instead; /* a claim as it stands in GOOD, and what replaces it */
	} cases[] = {
	        {"\"sub\":\"7\",", ""},
	        {"\"sub\":\"7\"", "\"sub\":7"},
	        {"\"sub\":\"7\"", "\"sub\":\"8\""},
	        {"\"sub\":\"7\"", "\"sub\":\"07\""},
	        {"\"sub\":\"7\"", "\"sub\":\"7\\u0000\""},
	        {"\"sub\":\"7\"", "\"sub\":\"8\",\"sub\":\"7\""},
	        {"\"userId\":7,", ""},
	        {"\"userId\":7", "\"userId\":\"7\""},
	        {"\"userId\":7", "\"userId\":7.0"},
	        {"\"userId\":7", "\"userId\":true"},
	        {"\"sub\":\"7\",\"userId\":7", "\"sub\":\"0\",\"userId\":0"},
	        {"\"sub\":\"7\",\"userId\":7", "\"sub\":\"-7\",\"userId\":-7"},
	        {"\"userId\":7", "\"userId\":18446744073709551623"},
	        {"\"pseudo\":\"roger\",", ""},
	        {"\"roger\"", "\"\""},
	        {"\"roger\"", "null"},
	        {"\"roger\"", "12"},
	        {"\"roger\"", "\"\xff\""},
	        {"\"role\":\"ROLE_USER\",", ""},
	        {"\"ROLE_USER\"", "\"ROLE_ADMIN\""},
	        {"\"ROLE_USER\"", "\"USER\""},
	        {"\"ROLE_USER\"", "[\"ROLE_USER\"]"},
	        {"\"roles\":[\"user\"],", ""},
	        {"[\"user\"]", "\"user\""},
	        {"[\"user\"]", "{\"user\":true}"},
	        {"[\"user\"]", "[\"user\",1]"},
	        {"[\"user\"]", "[\"user\",\"\"]"},
	        {"[\"user\"]", "[\"user\",\"admin\"]"},
	        {"[\"user\"]", "[[\"user\"]]"},
	        {"\"sid\":3,", ""},
	        {"\"sid\":3", "\"sid\":\"3\""},
	        {"\"sid\":3", "\"sid\":0"},
	        {"\"sid\":3", "\"sid\":-3"},
	        {"\"iat\":1000,", ""},
	        {"\"iat\":1000", "\"iat\":\"1000\""},
	        {"\"iat\":1000", "\"iat\":1000.5"},
	        {"\"iat\":1000", "\"iat\":-1"},
	        {"\"iat\":1000", "\"iat\":1506"},
	        {",\"exp\":2000", ""},
	        {"\"exp\":2000", "\"exp\":\"2000\""},
	        {"\"exp\":2000", "\"exp\":2e3"},
	        {"\"exp\":2000", "\"exp\":null"},
	        {"\"exp\":2000", "\"exp\":-1"},
	        {"\"exp\":2000", "\"exp\":99999999999999999999"},
	        {"\"exp\":2000", "\"exp\":2000,\"nbf\":1506"},
	        {"\"exp\":2000", "\"exp\":2000,\"nbf\":\"0\""},
	        {"\"exp\":2000", "\"exp\":2000,\"nbf\":null"},
	        {"\"exp\":2000}", "\"exp\":2000"},
	        {GOOD, ""},
	        {GOOD, "null"},
	        {GOOD, "[" GOOD "]"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *at = strstr(GOOD, cases[i].claim), *payload;

		assert_non_null(at);
		payload = arena_printf(&arena, "%.*s%s%s", (int)(at - GOOD), GOOD, cases[i].instead,
		                       at + strlen(cases[i].claim));
		assert_case_refused(payload, signed_by_us(payload));
	}
}

TEST(times_are_checked_with_a_few_seconds_of_leeway)
{
	static const struct {
		int         iat, exp;
		const char *more, *refusal;
	} cases[] = {
	        {1500, 2000, "", NULL},
	        {1505, 2000, "", NULL},
	        {1506, 2000, "", "token is invalid"},
	        {1000, 1500, "", NULL},
	        {1000, 1496, "", NULL},
	        {1000, 1495, "", "token is expired"},
	        {1000, 0, "", "token is expired"},
	        {1000, 2000, ",\"nbf\":1505", NULL},
	        {1000, 2000, ",\"nbf\":1506", "token is invalid"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		status st = verify(signed_by_us(arena_printf(
		        &arena,
		        "{\"sub\":\"7\",\"userId\":7,\"pseudo\":\"roger\",\"role\":\"ROLE_USER\","
		        "\"roles\":[],\"sid\":3,\"iat\":%d,\"exp\":%d%s}",
		        cases[i].iat, cases[i].exp, cases[i].more)));

		assert_status(st, cases[i].refusal ? CODE_UNAUTHENTICATED : CODE_OK);
		if (cases[i].refusal)
			assert_string_equal(st.msg, cases[i].refusal);
	}
}

TEST(a_change_of_any_character_is_refused)
{
	str   token = signed_by_us(GOOD);
	char *text = arena_cstr(&arena, token);

	for (size_t i = 0; i < token.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			text[i] ^= (char)(1 << bit);
			assert_refused(((str){text, token.len}));
			text[i] ^= (char)(1 << bit);
		}
	assert_status(verify((str){text, token.len}), CODE_OK);
}

TEST(a_token_cut_anywhere_is_refused)
{
	str token = signed_by_us(GOOD);

	for (size_t n = 0; n < token.len; n++)
		assert_refused(((str){token.ptr, n}));
}

TEST(what_is_not_three_parts_of_base64url_is_refused)
{
	static const char *const forms[] = {
	        "",    ".",    "..",   "...", "%s.", ".%s", "%s.e30",    "e30.%s",
	        "%s=", "%s==", "%s\n", " %s", "%s ", "%sA", "Bearer %s", "%s,%s",
	};
	const char *token = signed_by_us(GOOD).ptr;

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct buf b;

		buf_init(&b, 65536);
		for (const char *p = forms[i]; *p; p++) {
			if (*p == '%')
				buf_put(&b, str_c(token));
			else if (p == forms[i] || p[-1] != '%')
				buf_put_c(&b, *p);
		}
		assert_case_refused(forms[i], buf_str(&b));
		buf_fini(&b);
	}
	assert_refused(((str){token, strlen(token) + 1})); /* with its NUL */
	assert_refused(((str){0}));
}

TEST(a_stripped_or_foreign_signature_is_refused)
{
	str token = signed_by_us(GOOD);
	str unsigned_part = {token.ptr, token.len - 43};

	assert_refused(unsigned_part);
	assert_refused(((str){token.ptr, unsigned_part.len - 1}));
	assert_refused(
	        forge(STR("another secret that is long enough"), MAC_HS256, STR(HS256), STR(GOOD)));
	assert_refused(forge((str){0}, MAC_HS256, STR(HS256), STR(GOOD)));
}

/* A payload of n bytes: GOOD with a long pseudo. */
static const char *payload_of(size_t n)
{
	size_t fill = n - (sizeof GOOD - 1) + strlen("roger");
	char  *pseudo = arena_alloc(&arena, fill + 1);

	memset(pseudo, 'r', fill);
	pseudo[fill] = '\0';
	return arena_printf(&arena,
	                    "{\"sub\":\"7\",\"userId\":7,\"pseudo\":\"%s\",\"role\":\"ROLE_USER\","
	                    "\"roles\":[\"user\"],\"sid\":3,\"iat\":1000,\"exp\":2000}",
	                    pseudo);
}

TEST(a_token_is_as_long_as_the_limit_and_not_longer)
{
	/* 36 of header, 43 of signature, two dots: 8111 characters are 6083 bytes of payload */
	str longest = signed_by_us(payload_of(6083));

	assert_int_equal(longest.len, TOKEN_MAX_BYTES);
	assert_status(verify(longest), CODE_OK);
	assert_refused(signed_by_us(payload_of(6084)));
	assert_refused(signed_by_us(payload_of(20000)));
}

static void verify_on_fiber(void *token)
{
	assert_refused(*(const str *)token);
}

/* jansson recurses into what is nested, on whatever stack it was called. */
TEST(deep_json_does_not_overflow_the_stack_of_a_fiber)
{
	struct fiber_scheduler *scheduler;
	struct loop            *loop;
	char                    deep[5000];
	str                     tokens[2];

	memset(deep, '[', sizeof deep);
	tokens[0] = forge(SECRET, MAC_HS256, STR(HS256), (str){deep, sizeof deep});
	tokens[1] = forge(SECRET, MAC_HS256, (str){deep, sizeof deep}, STR(GOOD));
	assert_status(loop_new(&loop), CODE_OK);
	assert_status(fiber_scheduler_new(loop, &(struct fiber_config){0}, &scheduler), CODE_OK);
	for (int i = 0; i < 2; i++)
		assert_status(
		        fiber_spawn(scheduler, verify_on_fiber, &tokens[i], CLOCK_NEVER, NULL),
		        CODE_OK);
	while (fiber_scheduler_count(scheduler) > 0)
		loop_turn(loop, 1000);
	fiber_scheduler_free(scheduler);
	loop_free(loop);
}

TEST(as_many_roles_as_allowed_and_not_one_more)
{
	str                 many[TOKEN_MAX_ROLES + 1];
	struct token_claims in = some_claims(), out;
	struct buf          b;
	str                 token;

	for (size_t i = 0; i <= TOKEN_MAX_ROLES; i++)
		many[i] = STR("a-role-of-thirty-two-characters-");
	in.roles = many;
	in.n_roles = TOKEN_MAX_ROLES;
	assert_status(token_sign(SECRET, &in, &arena, &token), CODE_OK);
	assert_status(token_verify(SECRET, token, NOW, &arena, &out), CODE_OK);
	assert_int_equal(out.n_roles, TOKEN_MAX_ROLES);
	assert_str(out.roles[TOKEN_MAX_ROLES - 1], "a-role-of-thirty-two-characters-");
	in.n_roles++;
	assert_status(token_sign(SECRET, &in, &arena, &token), CODE_INTERNAL);

	buf_init(&b, 8192);
	buf_put(&b, STR("{\"sub\":\"7\",\"userId\":7,\"pseudo\":\"r\",\"role\":\"ROLE_USER\","
	                "\"sid\":3,\"iat\":1000,\"exp\":2000,\"roles\":[\"r\""));
	for (int i = 0; i < TOKEN_MAX_ROLES; i++)
		buf_put(&b, STR(",\"r\""));
	buf_put(&b, STR("]}"));
	assert_refused(forge(SECRET, MAC_HS256, STR(HS256), buf_str(&b)));
	buf_fini(&b);
}

TEST(a_secret_shorter_than_32_bytes_neither_signs_nor_verifies)
{
	static const struct {
		str       secret;
		enum code code;
	} cases[] = {
	        {{NULL, 0}, CODE_INTERNAL},
	        {{"", 0}, CODE_INTERNAL},
	        {{"0123456789012345678901234567890", 31}, CODE_INTERNAL},
	        {{"01234567890123456789012345678901", 32}, CODE_OK},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct token_claims in = some_claims(), out;
		str                 token = {0};

		assert_status(token_sign(cases[i].secret, &in, &arena, &token), cases[i].code);
		token = forge(cases[i].secret, MAC_HS256, STR(HS256), STR(GOOD));
		assert_status(token_verify(cases[i].secret, token, NOW, &arena, &out),
		              cases[i].code);
		token = forge((str){0}, MAC_NONE, STR("{\"alg\":\"none\"}"), STR(GOOD));
		assert_int_not_equal(token_verify(cases[i].secret, token, NOW, &arena, &out).code,
		                     CODE_OK);
	}
}

TEST(claims_that_are_not_text_are_not_signed)
{
	static const str    bad_role = {"\xff", 1};
	struct token_claims in = some_claims();
	str                 token = {0};

	in.pseudo = STR("\xc3(");
	assert_status(token_sign(SECRET, &in, &arena, &token), CODE_INTERNAL);
	in = some_claims();
	in.roles = &bad_role;
	in.n_roles = 1;
	assert_status(token_sign(SECRET, &in, &arena, &token), CODE_INTERNAL);
	assert_null(token.ptr);
}

static int setup(void **state)
{
	(void)state;
	secret_setup();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

TEST_MAIN(setup, teardown)
