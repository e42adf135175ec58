/*
 * certs/issue.h - makes the certificates by which the parts of the product know each other: a
 * certification authority of its own, and what it signs. EC P-256 keys, SHA-256.
 *
 * All texts are PEM, ended by a NUL, and live in the arena. Keys are secrets.
 */
#ifndef CERTS_ISSUE_H
#define CERTS_ISSUE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

struct certs_ca {
	const char *cert, *key;
};

/* A new private key. */
const char *certs_new_key(struct arena *a);

/* A certificate by which the key signs others, and nobody further down does. */
must_check status certs_new_ca(struct arena *a, const char *key, int days, const char **out_cert);

/*
 * A certificate for a key and its names, of which the first is its subject, for servers and
 * clients. It begins an hour ago, for clocks that are late, and ends after so many days, or with
 * the authority. INVALID_ARGUMENT when a key or the authority's certificate is none, or a name is
 * not valid (certs/name.h).
 */
must_check status certs_issue(struct arena *a, const struct certs_ca *ca, const char *key,
                              const str *names, size_t n_names, int days, const char **out_cert);

/* A certificate as an old one, for its key and all its names, for so many days from now on. */
must_check status certs_renew(struct arena *a, const struct certs_ca *ca, const char *cert,
                              int days, const char **out_cert);

#endif
