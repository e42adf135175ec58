/*
 * certs/check.h - whether PEM texts are the certificates and keys that they should be, asked before
 * anything is built on them. Nothing of a key is ever in a message.
 */
#ifndef CERTS_CHECK_H
#define CERTS_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

/* Certificates, at least one, each of an authority. INVALID_ARGUMENT with what is wrong. */
must_check status certs_check_ca(const char *ca);

/*
 * A certificate, with others between it and the authority behind it if need be, that is good now
 * for a server and for a client. INVALID_ARGUMENT with what is wrong.
 */
must_check status certs_check_cert(const char *cert, const char *ca);

/* The private key of the certificate, without a password. INVALID_ARGUMENT with what is wrong. */
must_check status certs_check_key(const char *key, const char *cert);

/* When it ends, in seconds since 1970. INVALID_ARGUMENT when it is no certificate. */
must_check status certs_check_end(const char *cert, int64_t *out_end_s);

/* It is for this name or address. */
bool certs_check_has_name(const char *cert, str name);

#endif
