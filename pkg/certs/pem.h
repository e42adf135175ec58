/*
 * certs/pem.h - PEM texts to OpenSSL's objects and back; for this folder only.
 *
 * What cannot be read is NULL, and leaves no error behind in OpenSSL's queue.
 */
#ifndef CERTS_PEM_H
#define CERTS_PEM_H

#include <openssl/x509.h>

#include "base/arena.h"

/* The first certificate of a text. */
X509 *certs_pem_read_cert(const char *pem);

/* All of them, in their order; NULL when there is none, or one that cannot be read. */
STACK_OF(X509) * certs_pem_read_certs(const char *pem);

/* A private key. One with a password is not asked for it: it cannot be read. */
EVP_PKEY *certs_pem_read_key(const char *pem);

/* In the arena. */
const char *certs_pem_write_cert(struct arena *a, X509 *cert);
const char *certs_pem_write_key(struct arena *a, EVP_PKEY *key);

/* Shapes that AUTO wants; NULL is fine. */
void certs_cert_freep(X509 **cert);
void certs_certs_freep(STACK_OF(X509) * *certs);
void certs_key_freep(EVP_PKEY **key);

#endif
