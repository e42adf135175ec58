/* The command that makes certificates, and what a process says of those that it is given. */
#include "test/e2e/e2e.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct server none; /* nothing here needs one that runs */
static char          folder[] = "/tmp/canaduck-certs-XXXXXX";
static char          output[16 * 1024];

static int start(void **state __attribute__((unused)))
{
	return mkdtemp(folder) == NULL;
}

__attribute__((format(printf, 1, 2))) static void shell(const char *format, ...)
{
	char    command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

static int stop(void **state __attribute__((unused)))
{
	shell("rm -r %s", folder);
	return 0;
}

/* Runs "canaduck a b c"; what it printed is in output. */
#define RUN(...) run((const char *[]){"canaduck", __VA_ARGS__, NULL}, NULL)

static int run(const char *const *argv, const char *const *env)
{
	return server_run(argv, &none, env, output, sizeof output);
}

#define assert_said(text)   assert_output((text), true, __LINE__)
#define assert_unsaid(text) assert_output((text), false, __LINE__)

static void assert_output(const char *text, bool is_there, int line)
{
	if ((strstr(output, text) != NULL) == is_there)
		return;
	print_error("\"%s\" is %s \"%s\"\n", text, is_there ? "not in" : "in", output);
	_fail(__FILE__, line);
}

/* A path below the folder; good for eight more calls. */
static const char *in(const char *name)
{
	static char     paths[8][256];
	static unsigned n;
	char           *path = paths[n++ % 8];

	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

static ino_t inode(const char *path)
{
	struct stat about;

	assert_int_equal(stat(path, &about), 0);
	return about.st_ino;
}

static mode_t mode(const char *path)
{
	struct stat about;

	assert_int_equal(stat(path, &about), 0);
	return about.st_mode & 0777;
}

/* ---- the command ---- */

TEST(certificates_are_made_once_and_kept)
{
	ino_t ca, users, key;

	assert_int_equal(RUN("certs", in("once"), "users,10.0.0.5", "edge"), 0);
	assert_said("made");
	assert_unsaid("kept");
	assert_int_equal(mode(in("once")), 0700);
	assert_int_equal(mode(in("once/ca-key.pem")), 0600);
	assert_int_equal(mode(in("once/users-key.pem")), 0600);
	assert_int_equal(mode(in("once/edge.pem")), 0644);
	ca = inode(in("once/ca.pem"));
	users = inode(in("once/users.pem"));
	key = inode(in("once/users-key.pem"));
	assert_int_equal(RUN("certs", in("once"), "users", "channels"), 0);
	assert_said("kept");
	assert_said("once/channels.pem");
	assert_int_equal(inode(in("once/ca.pem")), ca);
	assert_int_equal(inode(in("once/users.pem")), users);
	assert_int_equal(inode(in("once/users-key.pem")), key);
	shell("openssl verify -x509_strict -purpose sslserver -CAfile %s %s %s >%s",
	      in("once/ca.pem"), in("once/users.pem"), in("once/channels.pem"), in("verified"));
}

/* As openssl(1) would make it: a certificate of this authority that ends in so many days. */
static void make_ending(const char *dir, const char *name, int days)
{
	shell("cd %s && openssl req -new -key %s-key.pem -subj /CN=%s -out request &&"
	      " printf 'subjectAltName=DNS:%s,DNS:also\\n' >extensions &&"
	      " openssl x509 -req -in request -CA ca.pem -CAkey ca-key.pem -days %d"
	      " -extfile extensions -out %s.pem 2>log",
	      dir, name, name, name, days, name);
}

TEST(a_certificate_that_ends_soon_is_renewed_for_its_key_and_names)
{
	ino_t key;

	assert_int_equal(RUN("certs", in("soon"), "edge"), 0);
	key = inode(in("soon/edge-key.pem"));
	make_ending(in("soon"), "edge", 59);
	assert_int_equal(RUN("certs", in("soon"), "edge"), 0);
	assert_said("renewed");
	assert_int_equal(inode(in("soon/edge-key.pem")), key);
	assert_int_equal(RUN("certs", in("soon"), "edge,also"), 0);
	assert_unsaid("renewed");
	make_ending(in("soon"), "edge", 61);
	assert_int_equal(RUN("certs", in("soon"), "edge"), 0);
	assert_unsaid("renewed");
}

TEST(a_run_that_was_cut_off_is_gone_on_with)
{
	ino_t key;

	assert_int_equal(RUN("certs", in("cut"), "edge"), 0);
	key = inode(in("cut/edge-key.pem"));
	assert_int_equal(unlink(in("cut/edge.pem")), 0);
	assert_int_equal(RUN("certs", in("cut"), "edge"), 0);
	assert_int_equal(inode(in("cut/edge-key.pem")), key);
}

TEST(nothing_that_is_there_is_written_over)
{
	assert_int_equal(RUN("certs", in("there"), "users", "edge"), 0);
	assert_int_equal(RUN("certs", in("there"), "users,10.0.0.5"), 1);
	assert_said("users.pem is not for 10.0.0.5");
	shell("cp %s %s", in("there/users-key.pem"), in("there/edge-key.pem"));
	assert_int_equal(RUN("certs", in("there"), "edge"), 1);
	assert_said("edge-key.pem is not the key");
	assert_int_equal(unlink(in("there/edge-key.pem")), 0);
	assert_int_equal(RUN("certs", in("there"), "edge"), 1);
	assert_said("edge-key.pem is missing");
	assert_int_equal(RUN("certs", in("elsewhere"), "edge"), 0);
	shell("cp %s %s %s", in("elsewhere/edge.pem"), in("elsewhere/edge-key.pem"), in("there"));
	assert_int_equal(RUN("certs", in("there"), "edge"), 1);
	assert_said("edge.pem is not of this authority");
	assert_int_equal(unlink(in("there/ca-key.pem")), 0);
	assert_int_equal(RUN("certs", in("there"), "channels"), 1);
	assert_said("ca-key.pem is missing");
	assert_unsaid("BEGIN");
}

TEST(names_that_would_be_other_files_are_refused_before_anything_is_made)
{
	static const char *const words[] = {"ca", "CA", "users-key", "../users",
	                                    "*",  "",   "a,",        "-a"};
	struct stat              about;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		bool is_fine = strcmp(words[i], "a,") == 0;

		assert_int_equal(RUN("certs", in(is_fine ? "fine" : "not"), words[i]),
		                 is_fine ? 0 : 2);
	}
	assert_int_not_equal(stat(in("not"), &about), 0);
	assert_int_equal(RUN("certs"), 2);
	assert_said("usage");
}

/* ---- what a process is given ---- */

static int serve_edge(const char *ca, const char *cert, const char *key, const char *url)
{
	char variables[4][320];

	snprintf(variables[0], sizeof variables[0], "RPC_TLS_CA_FILE=%s", ca);
	snprintf(variables[1], sizeof variables[1], "RPC_TLS_CERT_FILE=%s", cert);
	snprintf(variables[2], sizeof variables[2], "RPC_TLS_KEY_FILE=%s", key);
	snprintf(variables[3], sizeof variables[3], "USERS_URL=%s", url);
	return run((const char *[]){"canaduck", "serve", "edge", NULL},
	           (const char *[]){variables[0], variables[1], variables[2], variables[3],
	                            "RUN_DIR=/tmp", NULL});
}

TEST(certificates_that_cannot_do_are_told_at_start_by_variable_and_file)
{
	static const char users[] = "tls+tcp://users:7001";

	assert_int_equal(RUN("certs", in("good"), "edge", "users"), 0);
	assert_int_equal(RUN("certs", in("bad"), "edge"), 0);

	assert_int_equal(serve_edge("", "", "", users), 2);
	assert_said("RPC_TLS_CA_FILE: is required by \"tls+tcp://users:7001\"");
	assert_int_equal(serve_edge(in("good/ca.pem"), "", "", users), 2);
	assert_said("RPC_TLS_CA_FILE: goes together with");
	assert_int_equal(serve_edge(in("good/ca.pem"), in("good/edge.pem"), in("gone.pem"), users),
	                 2);
	assert_said("RPC_TLS_KEY_FILE: cannot read");
	assert_said("gone.pem");
	assert_int_equal(serve_edge(in("good/ca-key.pem"), in("good/edge.pem"),
	                            in("good/edge-key.pem"), users),
	                 2);
	assert_said("RPC_TLS_CA_FILE: ");
	assert_said("holds no certificates in PEM");
	assert_unsaid("BEGIN");
	assert_int_equal(
	        serve_edge(in("good/ca.pem"), in("bad/edge.pem"), in("good/users-key.pem"), users),
	        2);
	assert_said("RPC_TLS_CERT_FILE: ");
	assert_said("bad/edge.pem");
	assert_said("RPC_TLS_KEY_FILE: ");
	assert_said("is not the key of the certificate");
	make_ending(in("good"), "edge", 0);
	assert_int_equal(
	        serve_edge(in("good/ca.pem"), in("good/edge.pem"), in("good/edge-key.pem"), users),
	        2);
	assert_said("RPC_TLS_CERT_FILE: ");
	assert_said("certificate has expired");
}

TEST_MAIN(start, stop)
