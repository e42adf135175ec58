/*
 * Design notes. A key is written before its certificate, so a run that was cut off left a key, and
 * the next one goes on with it. What is there is never written over, but for a certificate that
 * ends soon: the new one is for the same key and the same names, and takes its place in one step,
 * so that whoever starts meanwhile reads a pair that fits.
 */
#include "services/canaduck/certs.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/rfc3339.h"
#include "certs/check.h"
#include "certs/issue.h"
#include "certs/name.h"
#include "services/canaduck/files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CA_DAYS = 3650,
	LEAF_DAYS = 397, /* a year, and time to renew it */
	RENEW_DAYS = 60, /* before its end a certificate is renewed */
	S_PER_DAY = 86400,
	KEY_MODE = 0600,
	CERT_MODE = 0644,
	DIR_MODE = 0700,
	MAX_NAMES = 16,
	MAX_FILE_NAME = 64,
	ARENA_BYTES = 4 * 1024 * 1024
};

struct errand {
	struct arena    arena;
	const char     *path;
	int             dir;
	struct certs_ca ca;
};

/* The files of one certificate. */
struct pair {
	const char *cert_name, *key_name;
	const char *cert, *key; /* NULL: not there */
};

static status read_if_there(struct errand *e, const char *name, const char **out_text)
{
	status st = files_read(&e->arena, e->dir, name, out_text);

	if (st.code != CODE_NOT_FOUND)
		return st;
	*out_text = NULL;
	return STATUS_OK;
}

static status refuse(struct errand *e, const char *file, const char *why)
{
	return status_errorf(&e->arena, CODE_FAILED_PRECONDITION, "%s/%s %s", e->path, file, why);
}

static status open_pair(struct errand *e, str name, struct pair *p)
{
	p->cert_name = arena_printf(&e->arena, "%.*s.pem", STR_ARG(name));
	p->key_name = arena_printf(&e->arena, "%.*s-key.pem", STR_ARG(name));
	TRY(read_if_there(e, p->cert_name, &p->cert));
	TRY(read_if_there(e, p->key_name, &p->key));
	if (p->cert && p->key && certs_check_key(p->key, p->cert).code != CODE_OK)
		return refuse(e, p->key_name, "is not the key of its certificate");
	if (p->cert && p->key == NULL)
		return refuse(e, p->key_name, "is missing, and its certificate is there");
	return STATUS_OK;
}

/* The key that is there, or a new one. */
static status need_key(struct errand *e, struct pair *p)
{
	if (p->key)
		return STATUS_OK;
	p->key = certs_new_key(&e->arena);
	return files_write_new(&e->arena, e->dir, p->key_name, p->key, KEY_MODE);
}

/* ---- what is said ---- */

static int64_t days_left(const char *cert)
{
	int64_t end_s;

	if (certs_check_end(cert, &end_s).code != CODE_OK)
		return 0;
	return (end_s - clock_wall_us() / 1000000) / S_PER_DAY;
}

static void say(const struct errand *e, const char *deed, const struct pair *p)
{
	AUTO(buf_fini) struct buf date = {.ceiling = 64};
	int64_t                   end_s = 0;

	if (certs_check_end(p->cert, &end_s).code == CODE_OK)
		rfc3339_print(&date, end_s, 0);
	printf("%-8s %s/%s (key %s), good until %.*s\n", deed, e->path, p->cert_name, p->key_name,
	       STR_ARG(buf_str(&date)));
}

/* ---- the authority ---- */

static status open_ca(struct errand *e)
{
	struct pair p;
	const char *deed = "kept";

	TRY(open_pair(e, STR("ca"), &p));
	if (p.cert == NULL) {
		deed = "made";
		TRY(need_key(e, &p));
		TRY(certs_new_ca(&e->arena, p.key, CA_DAYS, &p.cert));
		TRY(files_write_new(&e->arena, e->dir, p.cert_name, p.cert, CERT_MODE));
	}
	if (days_left(p.cert) < RENEW_DAYS)
		return refuse(e, p.cert_name,
		              "ends soon, or has ended; make others in a new folder");
	say(e, deed, &p);
	e->ca = (struct certs_ca){.cert = p.cert, .key = p.key};
	return STATUS_OK;
}

/* ---- what it signs ---- */

static status check_there(struct errand *e, const struct pair *p, const str *names, size_t n)
{
	const bool has_ended = days_left(p->cert) < 0;
	status     st = certs_check_cert(p->cert, e->ca.cert);

	if (st.code != CODE_OK && !has_ended)
		return refuse(e, p->cert_name, "is not of this authority; move it away");
	for (size_t i = 0; i < n; i++)
		if (!certs_check_has_name(p->cert, names[i]))
			return status_errorf(&e->arena, CODE_FAILED_PRECONDITION,
			                     "%s/%s is not for %.*s; move it away to have one made",
			                     e->path, p->cert_name, STR_ARG(names[i]));
	return STATUS_OK;
}

static status make(struct errand *e, struct pair *p, const str *names, size_t n)
{
	TRY(need_key(e, p));
	TRY(certs_issue(&e->arena, &e->ca, p->key, names, n, LEAF_DAYS, &p->cert));
	TRY(files_write_new(&e->arena, e->dir, p->cert_name, p->cert, CERT_MODE));
	say(e, "made", p);
	return STATUS_OK;
}

static status keep_or_renew(struct errand *e, struct pair *p, const str *names, size_t n)
{
	TRY(check_there(e, p, names, n));
	if (days_left(p->cert) >= RENEW_DAYS) {
		say(e, "kept", p);
		return STATUS_OK;
	}
	TRY(certs_renew(&e->arena, &e->ca, p->cert, LEAF_DAYS, &p->cert));
	TRY(files_replace(&e->arena, e->dir, p->cert_name, p->cert, CERT_MODE));
	say(e, "renewed", p);
	return STATUS_OK;
}

/* The first name also names the files: it must leave those of the authority and of keys alone. */
static bool is_file_name(str name)
{
	return name.len <= MAX_FILE_NAME && !str_eq_nocase(name, STR("ca")) &&
	       !str_ends(name, STR("-key"));
}

static status take_apart(struct errand *e, const char *word, str names[MAX_NAMES], size_t *out_n)
{
	str    rest = str_c(word), name;
	size_t n = 0;

	while (str_next(&rest, ',', &name)) {
		if (n == MAX_NAMES || !certs_name_is_valid(name))
			return status_errorf(&e->arena, CODE_INVALID_ARGUMENT,
			                     "\"%s\": no host's name or address, or too many",
			                     word);
		names[n++] = name;
	}
	if (n == 0 || !is_file_name(names[0]))
		return status_errorf(&e->arena, CODE_INVALID_ARGUMENT,
		                     "\"%s\": cannot be the name of a file here", word);
	*out_n = n;
	return STATUS_OK;
}

static status serve_word(struct errand *e, const char *word)
{
	str         names[MAX_NAMES];
	struct pair p;
	size_t      n;

	TRY(take_apart(e, word, names, &n));
	TRY(open_pair(e, names[0], &p));
	return p.cert ? keep_or_renew(e, &p, names, n) : make(e, &p, names, n);
}

static status open_dir(struct errand *e)
{
	if (mkdir(e->path, DIR_MODE) != 0 && errno != EEXIST)
		return status_errorf(&e->arena, CODE_UNAVAILABLE, "cannot make \"%s\": %s", e->path,
		                     strerror(errno));
	e->dir = open(e->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (e->dir < 0)
		return status_errorf(&e->arena, CODE_UNAVAILABLE, "cannot open \"%s\": %s", e->path,
		                     strerror(errno));
	return STATUS_OK;
}

static status run(struct errand *e, int n_words, char **words)
{
	str    names[MAX_NAMES];
	size_t n;

	for (int i = 0; i < n_words; i++)
		TRY(take_apart(e, words[i], names, &n));
	TRY(open_dir(e));
	TRY(open_ca(e));
	for (int i = 0; i < n_words; i++)
		TRY(serve_word(e, words[i]));
	return STATUS_OK;
}

int certs_main(int argc, char **argv)
{
	struct errand e = {.dir = -1};
	status        st;

	if (argc < 2) {
		fprintf(stderr, "usage: canaduck certs DIR [NAME[,ALSO...]...]\n");
		return 2;
	}
	e.path = argv[1];
	arena_init(&e.arena, ARENA_BYTES);
	st = run(&e, argc - 2, argv + 2);
	if (st.code != CODE_OK)
		fprintf(stderr, "%s\n", st.msg);
	if (e.dir >= 0)
		close(e.dir);
	arena_fini(&e.arena);
	if (st.code == CODE_INVALID_ARGUMENT)
		return 2;
	return st.code != CODE_OK;
}
