#include "certs/check.h"

#include <openssl/pem.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "certs/issue.h"
#include "test/support/test.h"

enum { DAYS = 30, S_PER_DAY = 86400 };

static struct arena    arena;
static struct certs_ca ca, other_ca;
static const str       names[] = {STR("users"), STR("users.example.org"), STR("10.0.0.5"),
                                  STR("fe80::1")};

static struct certs_ca make_ca(int days)
{
	struct certs_ca made = {.key = certs_new_key(&arena)};

	assert_status(certs_new_ca(&arena, made.key, days, &made.cert), CODE_OK);
	return made;
}

static int setup(void **state __attribute__((unused)))
{
	arena_init(&arena, 8 << 20);
	ca = make_ca(DAYS);
	other_ca = make_ca(DAYS);
	return 0;
}

static int teardown(void **state __attribute__((unused)))
{
	arena_fini(&arena);
	return 0;
}

static const char *issue(const struct certs_ca *by, const char *key, int days)
{
	const char *cert;

	assert_status(
	        certs_issue(&arena, by, key, names, sizeof names / sizeof *names, days, &cert),
	        CODE_OK);
	return cert;
}

static const char *joined(const char *a, const char *b)
{
	return arena_printf(&arena, "%s%s", a, b);
}

TEST(what_an_authority_signs_is_good_for_its_names_only)
{
	const char *cert = issue(&ca, certs_new_key(&arena), DAYS);

	assert_status(certs_check_ca(ca.cert), CODE_OK);
	assert_status(certs_check_cert(cert, ca.cert), CODE_OK);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_true(certs_check_has_name(cert, names[i]));
	assert_false(certs_check_has_name(cert, STR("localhost")));
	assert_false(certs_check_has_name(cert, STR("127.0.0.1")));
	assert_false(certs_check_has_name(cert, STR("example.org")));
	assert_false(certs_check_has_name(cert, STR("10.0.0.50")));
}

TEST(only_what_its_authority_signed_for_now_passes)
{
	const char *key = certs_new_key(&arena);
	const char *good = issue(&ca, key, DAYS), *late = issue(&ca, key, -1);
	const struct {
		const char *cert, *ca;
		enum code   code;
	} cases[] = {
	        {good, ca.cert, CODE_OK},
	        {good, joined(other_ca.cert, ca.cert), CODE_OK},
	        {good, other_ca.cert, CODE_INVALID_ARGUMENT},
	        {late, ca.cert, CODE_INVALID_ARGUMENT},
	        {ca.cert, other_ca.cert, CODE_INVALID_ARGUMENT},
	        {"", ca.cert, CODE_INVALID_ARGUMENT},
	        {good, "", CODE_INVALID_ARGUMENT},
	        {key, ca.cert, CODE_INVALID_ARGUMENT},
	        {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ca.cert,
	         CODE_INVALID_ARGUMENT},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		status st = certs_check_cert(cases[i].cert, cases[i].ca);

		assert_status(st, cases[i].code);
		assert_true(st.code == CODE_OK || st.msg[0] != '\0');
	}
	assert_status(certs_check_ca(good), CODE_INVALID_ARGUMENT);
	assert_status(certs_check_ca(joined(ca.cert, good)), CODE_INVALID_ARGUMENT);
	assert_status(certs_check_ca(joined(ca.cert, "-----BEGIN CERTIFICATE-----\nx\n")),
	              CODE_INVALID_ARGUMENT);
	assert_status(certs_check_ca(ca.key), CODE_INVALID_ARGUMENT);
}

/* What a certificate signed is worth nothing, unless it is an authority's. */
TEST(a_certificate_cannot_sign_others)
{
	const char     *key = certs_new_key(&arena);
	struct certs_ca leaf = {.cert = issue(&ca, key, DAYS), .key = key};
	const char     *below = issue(&leaf, certs_new_key(&arena), DAYS);

	assert_status(certs_check_cert(joined(below, leaf.cert), ca.cert), CODE_INVALID_ARGUMENT);
}

TEST(a_key_fits_its_own_certificate_only)
{
	const char *key = certs_new_key(&arena), *cert = issue(&ca, key, DAYS);

	assert_status(certs_check_key(key, cert), CODE_OK);
	assert_status(certs_check_key(certs_new_key(&arena), cert), CODE_INVALID_ARGUMENT);
	assert_status(certs_check_key(cert, cert), CODE_INVALID_ARGUMENT);
	assert_status(certs_check_key("", cert), CODE_INVALID_ARGUMENT);
	assert_status(certs_check_key(key, ""), CODE_INVALID_ARGUMENT);
}

TEST(a_key_with_a_password_is_refused_without_asking)
{
	BIO        *in = BIO_new_mem_buf(certs_new_key(&arena), -1), *out = BIO_new(BIO_s_mem());
	EVP_PKEY   *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	char        password[] = "coin-coin", *bytes;
	const char *sealed;
	long        len;

	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_256_cbc(), password,
	                                               (int)strlen(password), NULL, NULL),
	                 1);
	len = BIO_get_mem_data(out, &bytes);
	sealed = arena_cstr(&arena, (str){bytes, (size_t)len});
	assert_non_null(strstr(sealed, "ENCRYPTED"));
	assert_status(certs_check_key(sealed, ca.cert), CODE_INVALID_ARGUMENT);
	EVP_PKEY_free(key);
	BIO_free(in);
	BIO_free(out);
}

TEST(a_term_is_as_long_as_asked_for_but_never_longer_than_the_authority)
{
	const struct certs_ca short_lived = make_ca(5);
	const char           *key = certs_new_key(&arena);
	int64_t               end_s, now_s = time(NULL);

	assert_status(certs_check_end(issue(&ca, key, 7), &end_s), CODE_OK);
	assert_in_range(end_s - now_s, 7 * S_PER_DAY - 60, 7 * S_PER_DAY + 60);
	assert_status(certs_check_end(issue(&short_lived, key, 7), &end_s), CODE_OK);
	assert_in_range(end_s - now_s, 5 * S_PER_DAY - 60, 5 * S_PER_DAY + 60);
	assert_status(certs_check_end("", &end_s), CODE_INVALID_ARGUMENT);
}

TEST(renewing_keeps_key_and_names)
{
	const char *key = certs_new_key(&arena), *renewed;
	int64_t     end_s;

	assert_status(certs_renew(&arena, &ca, issue(&ca, key, -1), 9, &renewed), CODE_OK);
	assert_status(certs_check_cert(renewed, ca.cert), CODE_OK);
	assert_status(certs_check_key(key, renewed), CODE_OK);
	assert_status(certs_check_end(renewed, &end_s), CODE_OK);
	assert_in_range(end_s - time(NULL), 9 * S_PER_DAY - 60, 9 * S_PER_DAY + 60);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_true(certs_check_has_name(renewed, names[i]));
	assert_status(certs_renew(&arena, &ca, "", 9, &renewed), CODE_INVALID_ARGUMENT);
}

TEST(nothing_is_issued_without_a_key_a_name_and_an_authority)
{
	const char           *key = certs_new_key(&arena), *cert = NULL;
	const struct certs_ca mixed = {.cert = ca.cert, .key = other_ca.key};
	const str             bad = STR("*.example.org");

	assert_status(certs_issue(&arena, &ca, "", names, 1, DAYS, &cert), CODE_INVALID_ARGUMENT);
	assert_status(certs_issue(&arena, &ca, key, names, 0, DAYS, &cert), CODE_INVALID_ARGUMENT);
	assert_status(certs_issue(&arena, &ca, key, &bad, 1, DAYS, &cert), CODE_INVALID_ARGUMENT);
	assert_status(certs_issue(&arena, &mixed, key, names, 1, DAYS, &cert),
	              CODE_INVALID_ARGUMENT);
	assert_status(certs_new_ca(&arena, "", DAYS, &cert), CODE_INVALID_ARGUMENT);
	assert_null(cert);
}

TEST_MAIN(setup, teardown)
