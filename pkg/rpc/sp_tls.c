/*
 * Design notes. OpenSSL's own BIO of a socket would write(2), and a peer that is gone raise
 * SIGPIPE: so there is one of ours here, whose data is the descriptor.
 *
 * Without read-ahead OpenSSL takes one record after the other from the kernel, and whoever reads at
 * least a record's worth leaves nothing in it: what there is more is in the kernel, where epoll
 * sees it.
 */
#include "rpc/sp_tls.h"

#include "base/mem.h"
#include "rpc/transport.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>

struct rpc_sp_tls {
	SSL_CTX    *ctx;
	BIO_METHOD *socket;
};

/* ---- bytes of the connection ---- */

static int descriptor(BIO *b)
{
	return (int)(intptr_t)BIO_get_data(b);
}

static bool is_for_later(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static int socket_write(BIO *b, const char *from, int n)
{
	const ssize_t sent = send(descriptor(b), from, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);

	BIO_clear_retry_flags(b);
	if (sent < 0 && is_for_later())
		BIO_set_retry_write(b);
	return (int)sent;
}

static int socket_read(BIO *b, char *to, int n)
{
	const ssize_t got = recv(descriptor(b), to, (size_t)n, MSG_DONTWAIT);

	BIO_clear_retry_flags(b);
	if (got < 0 && is_for_later())
		BIO_set_retry_read(b);
	return (int)got;
}

static long socket_ctrl(BIO *b __attribute__((unused)), int what, long n __attribute__((unused)),
                        void *arg __attribute__((unused)))
{
	return what == BIO_CTRL_FLUSH;
}

static BIO_METHOD *new_socket_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "a socket without signals");

	if (m == NULL || BIO_meth_set_write(m, socket_write) != 1 ||
	    BIO_meth_set_read(m, socket_read) != 1 || BIO_meth_set_ctrl(m, socket_ctrl) != 1)
		mem_die("no room for TLS");
	return m;
}

/* ---- certificates ---- */

/* Nobody is there to be asked for a password. */
static int no_password(char *to __attribute__((unused)), int size __attribute__((unused)),
                       int is_write __attribute__((unused)), void *arg __attribute__((unused)))
{
	return -1;
}

static BIO *open_text(const char *text)
{
	BIO *b = BIO_new_mem_buf(text, -1);

	if (b == NULL)
		mem_die("no room for a certificate");
	return b;
}

/* Reads certificates until none comes; how many were taken, -1 when one was not. */
static int read_certificates(const char *text, bool (*take)(SSL_CTX *ctx, X509 *cert, int n),
                             SSL_CTX    *ctx)
{
	BIO  *b = open_text(text);
	X509 *cert;
	int   n = 0;

	while (n >= 0 && (cert = PEM_read_bio_X509(b, NULL, no_password, NULL)) != NULL) {
		n = take(ctx, cert, n) ? n + 1 : -1;
		X509_free(cert);
	}
	BIO_free(b);
	return n;
}

static bool take_authority(SSL_CTX *ctx, X509 *cert, int n __attribute__((unused)))
{
	return X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), cert) == 1;
}

/* The first is its own, those behind it lead to the authority. */
static bool take_own(SSL_CTX *ctx, X509 *cert, int n)
{
	if (n == 0)
		return SSL_CTX_use_certificate(ctx, cert) == 1;
	return SSL_CTX_add1_chain_cert(ctx, cert) == 1;
}

static bool take_key(SSL_CTX *ctx, const char *text)
{
	BIO      *b = open_text(text);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(b, NULL, no_password, NULL);
	bool      is_fine =
	        key && SSL_CTX_use_PrivateKey(ctx, key) == 1 && SSL_CTX_check_private_key(ctx) == 1;

	EVP_PKEY_free(key);
	BIO_free(b);
	return is_fine;
}

static status read_all(SSL_CTX *ctx, const struct rpc_tls *tls)
{
	bool has_ca = read_certificates(tls->ca, take_authority, ctx) > 0;
	bool has_own = read_certificates(tls->cert, take_own, ctx) > 0 && take_key(ctx, tls->key);

	ERR_clear_error();
	if (!has_ca)
		return status_error(CODE_INVALID_ARGUMENT,
		                    "the authority's certificate for RPC cannot be read");
	if (!has_own)
		return status_error(CODE_INVALID_ARGUMENT,
		                    "the certificate for RPC or its key cannot be read");
	return STATUS_OK;
}

/*
 * What is set here cannot be undone by a peer. An authority counts though it is signed by another;
 * a session is not resumed, so that certificates are looked at each time.
 */
static void set_rules(SSL_CTX *ctx)
{
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_num_tickets(ctx, 0) != 1 ||
	    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN) != 1)
		mem_die("this OpenSSL cannot be told what to do");
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	                              SSL_MODE_RELEASE_BUFFERS);
}

status rpc_sp_tls_new(const struct rpc_tls *tls, struct rpc_sp_tls **out_tls)
{
	struct rpc_sp_tls *t;
	status             st;

	if (tls == NULL)
		return status_error(CODE_INVALID_ARGUMENT,
		                    "tls+tcp needs certificates, and none are configured");
	t = mem_zalloc(sizeof *t);
	t->ctx = SSL_CTX_new(TLS_method());
	if (t->ctx == NULL)
		mem_die("no room for TLS");
	t->socket = new_socket_method();
	set_rules(t->ctx);
	st = read_all(t->ctx, tls);
	if (st.code != CODE_OK)
		rpc_sp_tls_free(t);
	else
		*out_tls = t;
	return st;
}

void rpc_sp_tls_free(struct rpc_sp_tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	BIO_meth_free(t->socket);
	mem_free(t);
}

/* ---- connections ---- */

static SSL *new_ssl(struct rpc_sp_tls *t, int fd)
{
	BIO *b = BIO_new(t->socket);
	SSL *ssl = SSL_new(t->ctx);

	if (b == NULL || ssl == NULL)
		mem_die("no room for TLS");
	BIO_set_data(b, (void *)(intptr_t)fd);
	BIO_set_init(b, 1);
	SSL_set_bio(ssl, b, b);
	return ssl;
}

SSL *rpc_sp_tls_accept(struct rpc_sp_tls *t, int fd)
{
	SSL *ssl = new_ssl(t, fd);

	SSL_set_accept_state(ssl);
	return ssl;
}

static bool is_address(const char *host)
{
	char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* The names that count are the alternatives, not the subject. */
static bool expect_host(SSL *ssl, const char *host)
{
	if (is_address(host))
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
	                               X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

SSL *rpc_sp_tls_connect(struct rpc_sp_tls *t, int fd, const char *host)
{
	SSL *ssl = new_ssl(t, fd);

	SSL_set_connect_state(ssl);
	if (expect_host(ssl, host))
		return ssl;
	SSL_free(ssl);
	ERR_clear_error();
	return NULL;
}

void rpc_sp_tls_close(SSL *ssl)
{
	if (ssl == NULL)
		return;
	/* The other end is told that this is the end, if it takes that now. */
	if (SSL_is_init_finished(ssl))
		(void)SSL_shutdown(ssl);
	SSL_free(ssl);
	ERR_clear_error();
}

/* What came of a call that gave n, as errno says it. */
static ssize_t outcome(SSL *ssl, int n)
{
	int error;

	if (n > 0)
		return n;
	error = SSL_get_error(ssl, n);
	ERR_clear_error();
	if (error == SSL_ERROR_ZERO_RETURN)
		return 0;
	errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EIO;
	return -1;
}

static int at_most(size_t n)
{
	return n < INT_MAX ? (int)n : INT_MAX;
}

ssize_t rpc_sp_tls_recv(SSL *ssl, void *to, size_t n)
{
	return outcome(ssl, SSL_read(ssl, to, at_most(n)));
}

ssize_t rpc_sp_tls_send(SSL *ssl, const void *from, size_t n)
{
	return outcome(ssl, SSL_write(ssl, from, at_most(n)));
}

bool rpc_sp_tls_is_open(const SSL *ssl)
{
	return SSL_is_init_finished(ssl);
}

bool rpc_sp_tls_wants_room(const SSL *ssl)
{
	return SSL_want_write(ssl);
}
