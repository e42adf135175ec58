#include "certs/pem.h"

#include "base/mem.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

static void free_biop(BIO **bio)
{
	BIO_free(*bio);
}

static BIO *open_text(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);

	if (bio == NULL)
		mem_die("certs: out of memory");
	return bio;
}

static BIO *open_memory(void)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio == NULL)
		mem_die("certs: out of memory");
	return bio;
}

/* OpenSSL would ask the terminal. */
static int no_password(char *buf __attribute__((unused)), int size __attribute__((unused)),
                       int is_writing __attribute__((unused)), void *arg __attribute__((unused)))
{
	return -1;
}

X509 *certs_pem_read_cert(const char *pem)
{
	AUTO(free_biop) BIO *bio = open_text(pem);
	X509                *cert = PEM_read_bio_X509(bio, NULL, no_password, NULL);

	ERR_clear_error();
	return cert;
}

STACK_OF(X509) * certs_pem_read_certs(const char *pem)
{
	AUTO(free_biop) BIO *bio = open_text(pem);
	STACK_OF(X509) *certs = sk_X509_new_null();
	bool  is_at_end;
	X509 *cert;

	while ((cert = PEM_read_bio_X509(bio, NULL, no_password, NULL)))
		if (!sk_X509_push(certs, cert))
			mem_die("certs: out of memory");
	is_at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	ERR_clear_error();
	if (is_at_end && sk_X509_num(certs) > 0)
		return certs;
	sk_X509_pop_free(certs, X509_free);
	return NULL;
}

EVP_PKEY *certs_pem_read_key(const char *pem)
{
	AUTO(free_biop) BIO *bio = open_text(pem);
	EVP_PKEY            *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);

	ERR_clear_error();
	return key;
}

static const char *text_of(struct arena *a, BIO *bio)
{
	char *bytes;
	long  len = BIO_get_mem_data(bio, &bytes);

	return arena_cstr(a, (str){bytes, (size_t)len});
}

const char *certs_pem_write_cert(struct arena *a, X509 *cert)
{
	AUTO(free_biop) BIO *bio = open_memory();

	if (!PEM_write_bio_X509(bio, cert))
		mem_die("certs: a certificate cannot be written");
	return text_of(a, bio);
}

const char *certs_pem_write_key(struct arena *a, EVP_PKEY *key)
{
	AUTO(free_biop) BIO *bio = open_memory();

	if (!PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		mem_die("certs: a key cannot be written");
	return text_of(a, bio);
}

void certs_cert_freep(X509 **cert)
{
	X509_free(*cert);
}

void certs_certs_freep(STACK_OF(X509) * *certs)
{
	sk_X509_pop_free(*certs, X509_free);
}

void certs_key_freep(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}
