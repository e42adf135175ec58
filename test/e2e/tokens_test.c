#include "test/e2e/e2e.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct server      server;
static struct e2e_account alice;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	alice = e2e_register(&server, "alice");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* ---- tokens of our own make ---- */

enum { MAX_TOKEN = 2048 };

static void put(char *out, const char *text)
{
	size_t at = strlen(out);

	snprintf(out + at, MAX_TOKEN - at, "%s", text);
}

static void put_base64url(char *out, const void *bytes, size_t len)
{
	size_t at = strlen(out);

	sodium_bin2base64(out + at, MAX_TOKEN - at, bytes, len,
	                  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void put_hs256(char *out, const char *secret)
{
	crypto_auth_hmacsha256_state h;
	unsigned char                mac[crypto_auth_hmacsha256_BYTES];

	crypto_auth_hmacsha256_init(&h, (const unsigned char *)secret, strlen(secret));
	crypto_auth_hmacsha256_update(&h, (const unsigned char *)out, strlen(out));
	crypto_auth_hmacsha256_final(&h, mac);
	put(out, ".");
	put_base64url(out, mac, sizeof mac);
}

static void put_hs512(char *out, const char *secret)
{
	crypto_auth_hmacsha512_state h;
	unsigned char                mac[crypto_auth_hmacsha512_BYTES];

	crypto_auth_hmacsha512_init(&h, (const unsigned char *)secret, strlen(secret));
	crypto_auth_hmacsha512_update(&h, (const unsigned char *)out, strlen(out));
	crypto_auth_hmacsha512_final(&h, mac);
	put(out, ".");
	put_base64url(out, mac, sizeof mac);
}

struct claims {
	const char *alg, *secret;
	long        account_id, sub;     /* sub 0: the account */
	long        issued_s, expires_s; /* from now */
};

static const char *sign(struct claims c)
{
	static char out[MAX_TOKEN];
	char        text[1024];
	long        now = time(NULL);

	out[0] = '\0';
	snprintf(text, sizeof text, "{\"alg\":\"%s\",\"typ\":\"JWT\"}", c.alg);
	put_base64url(out, text, strlen(text));
	put(out, ".");
	snprintf(text, sizeof text,
	         "{\"sub\":\"%ld\",\"userId\":%ld,\"pseudo\":\"alice\",\"role\":\"ROLE_USER\","
	         "\"roles\":[\"user\"],\"sid\":1,\"iat\":%ld,\"exp\":%ld}",
	         c.sub ? c.sub : c.account_id, c.account_id, now + c.issued_s, now + c.expires_s);
	put_base64url(out, text, strlen(text));
	if (strcmp(c.alg, "HS512") == 0)
		put_hs512(out, c.secret);
	else if (strcmp(c.alg, "none") == 0)
		put(out, ".");
	else
		put_hs256(out, c.secret);
	return out;
}

static struct http_response get_me(const char *token)
{
	return http_get(server.port, "/users/me", token);
}

/* ---- what the server hands out ---- */

TEST(an_access_token_says_who_and_how_long)
{
	char      *payload = strdup(strchr(alice.token, '.') + 1), *end = strchr(payload, '.');
	char       text[2048];
	size_t     len;
	json_t    *claims;
	json_int_t issued;

	*end = '\0';
	assert_int_equal(sodium_base642bin((unsigned char *)text, sizeof text, payload,
	                                   strlen(payload), NULL, &len, NULL,
	                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING),
	                 0);
	claims = json_loadb(text, len, 0, NULL);
	assert_non_null(claims);
	assert_int_equal(strtol(json_string_value(json_object_get(claims, "sub")), NULL, 10),
	                 alice.id);
	assert_int_equal(json_integer_value(json_object_get(claims, "userId")), alice.id);
	assert_string_equal(json_string_value(json_object_get(claims, "pseudo")), "alice");
	assert_string_equal(json_string_value(json_object_get(claims, "role")), "ROLE_USER");
	assert_string_equal(json_string_value(json_array_get(json_object_get(claims, "roles"), 0)),
	                    "user");
	assert_true(json_integer_value(json_object_get(claims, "sid")) > 0);
	issued = json_integer_value(json_object_get(claims, "iat"));
	assert_in_range(issued, time(NULL) - 60, time(NULL));
	assert_int_equal(json_integer_value(json_object_get(claims, "exp")), issued + 86400);
	json_decref(claims);
	free(payload);
}

/* ---- what it takes ---- */

TEST(a_token_signed_with_the_secret_is_genuine)
{
	struct http_response r =
	        get_me(sign((struct claims){"HS256", SERVER_JWT_SECRET, (long)alice.id, 0, 0, 60}));

	assert_http(r, 200);
	assert_int_equal(http_int(&r, "id"), alice.id);
	http_response_free(&r);
}

TEST(a_token_that_is_not_genuine_is_unauthenticated)
{
	const struct {
		const char   *name;
		struct claims claims;
	} cases[] = {
	        {"another secret",
	         {"HS256", "another secret, just as long as theirs", (long)alice.id, 0, 0, 60}},
	        {"alg none", {"none", "", (long)alice.id, 0, 0, 60}},
	        {"alg HS512", {"HS512", SERVER_JWT_SECRET, (long)alice.id, 0, 0, 60}},
	        {"a lie about alg", {"RS256", SERVER_JWT_SECRET, (long)alice.id, 0, 0, 60}},
	        {"expired", {"HS256", SERVER_JWT_SECRET, (long)alice.id, 0, -3600, -60}},
	        {"not issued yet", {"HS256", SERVER_JWT_SECRET, (long)alice.id, 0, 3600, 7200}},
	        {"two accounts", {"HS256", SERVER_JWT_SECRET, (long)alice.id, 99, 0, 60}},
	        {"no account", {"HS256", SERVER_JWT_SECRET, 0, 0, 0, 60}},
	        {"a negative account", {"HS256", SERVER_JWT_SECRET, -1, 0, 0, 60}},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = get_me(sign(cases[i].claims));

		if (r.status != 401)
			print_error("%s:\n", cases[i].name);
		assert_http_error(r, 401, "UNAUTHENTICATED");
		assert_string_equal(http_header(&r, "www-authenticate"), "Bearer");
		http_response_free(&r);
	}
}

static void assert_unauthenticated(const char *name, const char *token)
{
	struct http_response r = get_me(token);

	if (r.status != 401)
		print_error("%s:\n", name);
	assert_http_error(r, 401, "UNAUTHENTICATED");
	http_response_free(&r);
}

/* Signed with the secret (NULL: not at all) as HS256, whatever the header says. */
static const char *sign_text(const char *header, const char *payload, const char *secret)
{
	static char out[MAX_TOKEN];

	out[0] = '\0';
	put_base64url(out, header, strlen(header));
	put(out, ".");
	put_base64url(out, payload, strlen(payload));
	if (secret)
		put_hs256(out, secret);
	else
		put(out, ".");
	return out;
}

static const char *claims_of(long account_id, const char *more)
{
	static char out[1024];

	snprintf(out, sizeof out,
	         "{\"sub\":\"%ld\",\"userId\":%ld,\"pseudo\":\"alice\",\"role\":\"ROLE_ADMIN\","
	         "\"roles\":[\"user\",\"admin\"],\"sid\":1,\"iat\":%ld%s}",
	         account_id, account_id, (long)time(NULL), more);
	return out;
}

TEST(claims_under_a_signature_of_other_claims_are_unauthenticated)
{
	const char *genuine =
	        sign((struct claims){"HS256", SERVER_JWT_SECRET, (long)alice.id, 0, 0, 60});
	char expires[64], forged[MAX_TOKEN] = "";

	snprintf(expires, sizeof expires, ",\"exp\":%ld", (long)time(NULL) + 60);
	snprintf(forged, sizeof forged, "%.*s.", (int)strcspn(genuine, "."), genuine);
	put_base64url(forged, claims_of((long)alice.id, expires),
	              strlen(claims_of((long)alice.id, expires)));
	put(forged, strrchr(genuine, '.'));
	assert_unauthenticated("forged claims", forged);
}

TEST(a_header_names_neither_key_nor_algorithm)
{
	static const char *const headers[] = {
	        "{\"alg\":\"none\"}",
	        "{\"alg\":\"None\"}",
	        "{\"alg\":\"nOnE\",\"typ\":\"JWT\"}",
	        "{\"alg\":\"\"}",
	        "{\"alg\":null}",
	        "{\"typ\":\"JWT\"}",
	        "{\"alg\":\"HS256\",\"kid\":\"../../../dev/null\"}",
	        "{\"alg\":\"HS256\",\"kid\":\"' UNION SELECT 'x\"}",
	        "{\"alg\":\"HS256\",\"kid\":\"another\"}",
	        "{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"eA\"}}",
	        "{\"alg\":\"HS256\",\"jku\":\"http://127.0.0.1/keys\"}",
	        "{\"alg\":\"HS256\",\"x5u\":\"http://127.0.0.1/cert\"}",
	};
	static const char *const secrets[] = {NULL, "", "x",
	                                      "another secret, just as long as theirs"};
	char                     payload[1024], expires[64];

	snprintf(expires, sizeof expires, ",\"exp\":%ld", (long)time(NULL) + 60);
	snprintf(payload, sizeof payload, "%s", claims_of((long)alice.id, expires));
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		for (size_t k = 0; k < sizeof secrets / sizeof *secrets; k++)
			assert_unauthenticated(headers[i],
			                       sign_text(headers[i], payload, secrets[k]));
}

TEST(a_genuine_signature_does_not_make_up_for_claims_that_are_missing_or_wrong)
{
	static const char *const more[] = {
	        "",
	        ",\"exp\":\"4102444800\"",
	        ",\"exp\":null",
	        ",\"exp\":-1",
	        ",\"exp\":1e300",
	        ",\"exp\":4102444800,\"nbf\":4102444000",
	        ",\"exp\":4102444800,\"sid\":\"1\"",
	};

	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		assert_unauthenticated(more[i], sign_text("{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
		                                          claims_of((long)alice.id, more[i]),
		                                          SERVER_JWT_SECRET));
}

TEST(a_token_cut_short_is_unauthenticated)
{
	size_t len = strlen(alice.token);
	char   token[SERVER_TOKEN_BYTES];

	for (size_t n = 1; n < len; n += n < len - 50 ? 37 : 1) {
		snprintf(token, sizeof token, "%.*s", (int)n, alice.token);
		assert_unauthenticated("cut short", token);
	}
}

TEST(a_huge_token_is_unauthenticated)
{
	static const size_t sizes[] = {8193, 65536, 262144};
	static char         token[262144 + 1];

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		memset(token, 'A', sizes[i]);
		token[sizes[i] / 3] = token[sizes[i] / 2] = '.';
		token[sizes[i]] = '\0';
		assert_unauthenticated("huge", token);
	}
}

TEST(a_header_that_holds_no_token_is_unauthenticated)
{
	static const char *const headers[] = {
	        "Authorization: Basic YWxpY2U6cGFzcw==",
	        "Authorization: Bearer",
	        "Authorization: Bearer garbage",
	        "Authorization: Bearer a.b.c",
	        "Authorization: Bearer ..",
	        "Authorization: Token %s",
	        "Authorization: %s",
	        "Authorization: Bearer %s.x",
	        "Authorization: Bearer %sx",
	        "Authorization: Bearer x%s",
	        "Authorization: Bearer %s=",
	        "X-Authorization: Bearer %s",
	};

	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		char                 line[SERVER_TOKEN_BYTES + 64];
		const char          *gap = strstr(headers[i], "%s");
		struct http_response r;

		snprintf(line, sizeof line, "%.*s%s%s",
		         gap ? (int)(gap - headers[i]) : (int)strlen(headers[i]), headers[i],
		         gap ? alice.token : "", gap ? gap + 2 : "");
		r = http_ask(server.port,
		             &(struct http_request){.method = "GET",
		                                    .path = "/users/me",
		                                    .headers = (const char *[]){line, NULL}});
		if (r.status != 401)
			print_error("%s:\n", headers[i]);
		assert_http_error(r, 401, "UNAUTHENTICATED");
		assert_string_equal(http_header(&r, "www-authenticate"), "Bearer");
		http_response_free(&r);
	}
}

TEST(no_token_is_unauthenticated_where_one_is_needed)
{
	static const struct {
		const char *method, *path;
	} cases[] = {
	        {"GET", "/users/me"},
	        {"POST", "/channel"},
	        {"POST", "/channel/open/join"},
	        {"POST", "/msg"},
	};

	e2e_create_channel(&server, alice.token, "open", false);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r =
		        http_ask(server.port, &(struct http_request){.method = cases[i].method,
		                                                     .path = cases[i].path});

		assert_http_error(r, 401, "UNAUTHENTICATED");
		assert_string_equal(http_header(&r, "www-authenticate"), "Bearer");
		http_response_free(&r);
	}
}

TEST(the_scheme_has_no_case)
{
	char                 line[SERVER_TOKEN_BYTES + 64];
	struct http_response r;

	snprintf(line, sizeof line, "Authorization: bEARER %s", alice.token);
	r = http_ask(server.port, &(struct http_request){.method = "GET",
	                                                 .path = "/users/me",
	                                                 .headers = (const char *[]){line, NULL}});
	assert_http(r, 200);
	http_response_free(&r);
}

TEST(a_public_route_takes_no_token_or_a_genuine_one_only)
{
	static const struct {
		const char *path;
		bool        ignores;
	} cases[] = {
	        {"/whois/alice", false}, {"/seen/alice", false}, {"/health", true},
	        {"/healthz", true},      {"/readyz", true},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_get(server.port, cases[i].path, NULL);

		assert_http(r, 200);
		http_response_free(&r);
		r = http_get(server.port, cases[i].path, alice.token);
		assert_http(r, 200);
		http_response_free(&r);
		r = http_get(server.port, cases[i].path, "garbage");
		assert_http(r, cases[i].ignores ? 200 : 401);
		http_response_free(&r);
	}
}

/* The token is genuine: what is missing is the account. */
TEST(a_genuine_token_of_an_account_that_is_gone_is_forbidden)
{
	struct http_response r =
	        get_me(sign((struct claims){"HS256", SERVER_JWT_SECRET, 987654321, 0, 0, 60}));

	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
	r = http_get(server.port, "/whois/alice",
	             sign((struct claims){"HS256", SERVER_JWT_SECRET, 987654321, 0, 0, 60}));
	assert_http(r, 200);
	http_response_free(&r);
}

TEST_MAIN(start, stop)
