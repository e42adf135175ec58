#include "certs/check.h"

#include "base/mem.h"
#include "certs/name.h"
#include "certs/pem.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#define AUTO_CERT  AUTO(certs_cert_freep) X509 *
#define AUTO_CERTS AUTO(certs_certs_freep) STACK_OF(X509) *
#define AUTO_KEY   AUTO(certs_key_freep) EVP_PKEY *

static status wrong(const char *why)
{
	return status_error(CODE_INVALID_ARGUMENT, why);
}

status certs_check_ca(const char *ca)
{
	AUTO_CERTS certs = certs_pem_read_certs(ca);

	if (certs == NULL)
		return wrong("holds no certificates in PEM");
	for (int i = 0; i < sk_X509_num(certs); i++)
		if (X509_check_ca(sk_X509_value(certs, i)) != 1)
			return wrong("holds a certificate that is of no authority");
	return STATUS_OK;
}

static void free_storep(X509_STORE **store)
{
	X509_STORE_free(*store);
}

static void free_ctxp(X509_STORE_CTX **ctx)
{
	X509_STORE_CTX_free(*ctx);
}

static status verify(X509_STORE *store, STACK_OF(X509) * chain, int purpose)
{
	AUTO(free_ctxp) X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool                            is_good;

	if (ctx == NULL || !X509_STORE_CTX_init(ctx, store, sk_X509_value(chain, 0), chain) ||
	    !X509_STORE_CTX_set_purpose(ctx, purpose))
		mem_die("certs: out of memory");
	is_good = X509_verify_cert(ctx) == 1;
	ERR_clear_error();
	return is_good ? STATUS_OK
	               : wrong(X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
}

status certs_check_cert(const char *cert, const char *ca)
{
	AUTO_CERTS                    chain = certs_pem_read_certs(cert);
	AUTO_CERTS                    trusted = certs_pem_read_certs(ca);
	AUTO(free_storep) X509_STORE *store = X509_STORE_new();

	if (chain == NULL || trusted == NULL)
		return wrong("holds no certificate in PEM");
	for (int i = 0; i < sk_X509_num(trusted); i++)
		if (!X509_STORE_add_cert(store, sk_X509_value(trusted, i)))
			mem_die("certs: out of memory");
	TRY(verify(store, chain, X509_PURPOSE_SSL_SERVER));
	return verify(store, chain, X509_PURPOSE_SSL_CLIENT);
}

status certs_check_key(const char *key_text, const char *cert_text)
{
	AUTO_KEY  key = certs_pem_read_key(key_text);
	AUTO_CERT cert = certs_pem_read_cert(cert_text);
	bool      is_right;

	if (key == NULL)
		return wrong("holds no private key in PEM without a password");
	is_right = cert && X509_check_private_key(cert, key) == 1;
	ERR_clear_error();
	return is_right ? STATUS_OK : wrong("is not the key of the certificate");
}

status certs_check_end(const char *cert_text, int64_t *out_end_s)
{
	AUTO_CERT cert = certs_pem_read_cert(cert_text);
	struct tm end;

	if (cert == NULL || !ASN1_TIME_to_tm(X509_get0_notAfter(cert), &end))
		return wrong("holds no certificate in PEM");
	*out_end_s = timegm(&end);
	return STATUS_OK;
}

bool certs_check_has_name(const char *cert_text, str name)
{
	AUTO_CERT cert = certs_pem_read_cert(cert_text);
	char      text[CERTS_MAX_NAME + 1];

	if (cert == NULL || name.len > CERTS_MAX_NAME)
		return false;
	memcpy(text, name.ptr, name.len);
	text[name.len] = '\0';
	if (certs_name_is_address(name))
		return X509_check_ip_asc(cert, text, 0) == 1;
	return X509_check_host(cert, text, name.len, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) ==
	       1;
}
