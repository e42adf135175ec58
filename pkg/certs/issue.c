#include "certs/issue.h"

#include "base/mem.h"
#include "certs/name.h"
#include "certs/pem.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

enum { SERIAL_BITS = 127, EARLY_S = 3600, S_PER_DAY = 86400, VERSION_3 = 2 };

#define AUTO_CERT AUTO(certs_cert_freep) X509 *
#define AUTO_KEY  AUTO(certs_key_freep) EVP_PKEY *

/* What OpenSSL refuses here it refuses for want of memory or randomness. */
static void must(int is_done)
{
	if (is_done <= 0)
		mem_die("certs: OpenSSL cannot make a certificate");
}

const char *certs_new_key(struct arena *a)
{
	AUTO_KEY key = EVP_EC_gen("P-256");

	must(key != NULL);
	return certs_pem_write_key(a, key);
}

/* RFC 5280, 4.1.2.2: positive, and nobody shall guess it. */
static void set_serial(X509 *cert)
{
	BIGNUM *number = BN_new();

	must(number && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY));
	must(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL);
	BN_free(number);
}

static X509 *new_cert(EVP_PKEY *key, int days)
{
	X509 *cert = X509_new();

	must(cert && X509_set_version(cert, VERSION_3));
	set_serial(cert);
	must(X509_gmtime_adj(X509_getm_notBefore(cert), -EARLY_S) != NULL);
	must(X509_gmtime_adj(X509_getm_notAfter(cert), (long)days * S_PER_DAY) != NULL);
	must(X509_set_pubkey(cert, key));
	return cert;
}

static void add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX      ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	must(ext && X509_add_ext(cert, ext, -1));
	X509_EXTENSION_free(ext);
}

static void set_subject(X509 *cert, str name)
{
	must(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
	                                (const unsigned char *)name.ptr, (int)name.len, -1, 0));
}

static void sign(X509 *cert, EVP_PKEY *key)
{
	must(X509_sign(cert, key, EVP_sha256()));
}

status certs_new_ca(struct arena *a, const char *key_text, int days, const char **out_cert)
{
	AUTO_KEY  key = certs_pem_read_key(key_text);
	AUTO_CERT cert = NULL;

	if (key == NULL)
		return status_error(CODE_INVALID_ARGUMENT, "no private key");
	cert = new_cert(key, days);
	set_subject(cert, STR("canaduck"));
	must(X509_set_issuer_name(cert, X509_get_subject_name(cert)));
	add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
	add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign");
	add_extension(cert, cert, NID_subject_key_identifier, "hash");
	sign(cert, key);
	*out_cert = certs_pem_write_cert(a, cert);
	return STATUS_OK;
}

/* ---- what an authority signs ---- */

static void push_name(GENERAL_NAMES *names, GENERAL_NAME *name)
{
	must(name && sk_GENERAL_NAME_push(names, name));
}

static GENERAL_NAME *general_name(struct arena *a, int type, str name)
{
	return a2i_GENERAL_NAME(NULL, NULL, NULL, type, arena_cstr(a, name), 0);
}

/*
 * An address stands twice: as RFC 5280, 4.2.1.6 wants it, and as if it were a host's name, which is
 * the only kind that Mbed TLS 2.28, nng's TLS, compares with the address it called.
 */
static void add_names(struct arena *a, X509 *cert, const str *names, size_t n_names)
{
	GENERAL_NAMES *all = sk_GENERAL_NAME_new_null();

	must(all != NULL);
	for (size_t i = 0; i < n_names; i++) {
		if (certs_name_is_address(names[i]))
			push_name(all, general_name(a, GEN_IPADD, names[i]));
		push_name(all, general_name(a, GEN_DNS, names[i]));
	}
	must(X509_add1_ext_i2d(cert, NID_subject_alt_name, all, 0, 0));
	sk_GENERAL_NAME_pop_free(all, GENERAL_NAME_free);
}

/* No certificate outlives the one that signed it. */
static void end_with(X509 *cert, const X509 *issuer)
{
	if (ASN1_TIME_compare(X509_get0_notAfter(cert), X509_get0_notAfter(issuer)) > 0)
		must(X509_set1_notAfter(cert, X509_get0_notAfter(issuer)));
}

static void finish(X509 *cert, X509 *issuer, EVP_PKEY *issuer_key)
{
	end_with(cert, issuer);
	must(X509_set_issuer_name(cert, X509_get_subject_name(issuer)));
	add_extension(cert, issuer, NID_basic_constraints, "critical,CA:FALSE");
	add_extension(cert, issuer, NID_key_usage, "critical,digitalSignature");
	add_extension(cert, issuer, NID_ext_key_usage, "serverAuth,clientAuth");
	add_extension(cert, issuer, NID_subject_key_identifier, "hash");
	add_extension(cert, issuer, NID_authority_key_identifier, "keyid");
	sign(cert, issuer_key);
}

static status open_ca(const struct certs_ca *ca, X509 **out_cert, EVP_PKEY **out_key)
{
	*out_cert = certs_pem_read_cert(ca->cert);
	*out_key = certs_pem_read_key(ca->key);
	if (*out_cert && *out_key && X509_check_private_key(*out_cert, *out_key) == 1)
		return STATUS_OK;
	return status_error(CODE_INVALID_ARGUMENT, "no authority's certificate and its key");
}

static status check_names(const str *names, size_t n_names)
{
	for (size_t i = 0; i < n_names; i++)
		if (!certs_name_is_valid(names[i]))
			return status_error(CODE_INVALID_ARGUMENT, "no host's name or address");
	return STATUS_OK;
}

/* RFC 5280, A.1: ub-common-name. A longer name is among the alternatives only. */
enum { MAX_COMMON_NAME = 64 };

status certs_issue(struct arena *a, const struct certs_ca *ca, const char *key_text,
                   const str *names, size_t n_names, int days, const char **out_cert)
{
	AUTO_CERT issuer = NULL;
	AUTO_KEY  issuer_key = NULL;
	AUTO_KEY  key = certs_pem_read_key(key_text);
	AUTO_CERT cert = NULL;

	if (key == NULL || n_names == 0)
		return status_error(CODE_INVALID_ARGUMENT, "no private key, or no name");
	TRY(check_names(names, n_names));
	TRY(open_ca(ca, &issuer, &issuer_key));
	cert = new_cert(key, days);
	if (names[0].len <= MAX_COMMON_NAME)
		set_subject(cert, names[0]);
	add_names(a, cert, names, n_names);
	finish(cert, issuer, issuer_key);
	*out_cert = certs_pem_write_cert(a, cert);
	return STATUS_OK;
}

status certs_renew(struct arena *a, const struct certs_ca *ca, const char *old_text, int days,
                   const char **out_cert)
{
	AUTO_CERT       issuer = NULL;
	AUTO_KEY        issuer_key = NULL;
	AUTO_CERT       old = certs_pem_read_cert(old_text);
	AUTO_CERT       cert = NULL;
	X509_EXTENSION *names;

	if (old == NULL)
		return status_error(CODE_INVALID_ARGUMENT, "no certificate");
	TRY(open_ca(ca, &issuer, &issuer_key));
	cert = new_cert(X509_get0_pubkey(old), days);
	must(X509_set_subject_name(cert, X509_get_subject_name(old)));
	names = X509_get_ext(old, X509_get_ext_by_NID(old, NID_subject_alt_name, -1));
	if (names)
		must(X509_add_ext(cert, names, -1));
	finish(cert, issuer, issuer_key);
	*out_cert = certs_pem_write_cert(a, cert);
	return STATUS_OK;
}
