#include "test/e2e/e2e.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "test/support/pg.h"

void e2e_start(struct server *s, const char *const *env)
{
	char url[PG_URL_BYTES];

	pg_shared_database(url);
	server_start(s, url, env);
}

/* Tests' clusters commit in the background: that is lost in a crash, as no product's would be. */
void e2e_durable_database(struct pg_cluster *cluster, char *out_url)
{
	pg_database_new(cluster, out_url);
	pg_exec(out_url, "DO $$ BEGIN"
	                 " EXECUTE format('ALTER DATABASE %I SET synchronous_commit = on',"
	                 "                current_database());"
	                 " END $$");
}

struct e2e_account e2e_register(const struct server *s, const char *pseudo)
{
	struct e2e_account a;

	snprintf(a.pseudo, sizeof a.pseudo, "%s", pseudo);
	a.id = server_register(s, pseudo, a.token);
	return a;
}

/* The claim sid of an access token. */
static int64_t session_of(const char *token)
{
	const char   *payload = strchr(token, '.') + 1;
	unsigned char text[SERVER_TOKEN_BYTES];
	size_t        len;
	json_t       *claims;
	int64_t       id;

	assert_int_equal(sodium_base642bin(text, sizeof text, payload, strcspn(payload, "."), NULL,
	                                   &len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
	                 0);
	claims = json_loadb((char *)text, len, 0, NULL);
	id = json_integer_value(json_object_get(claims, "sid"));
	json_decref(claims);
	return id;
}

struct e2e_session e2e_login(const struct server *s, const char *pseudo)
{
	struct http_response r =
	        http_postf(s->port, "/login", NULL,
	                   "{\"pseudo\":\"%s\",\"password\":\"" E2E_PASSWORD "\"}", pseudo);
	struct e2e_session session;

	assert_http(r, 200);
	snprintf(session.token, sizeof session.token, "%s", http_text(&r, "access_token"));
	snprintf(session.refresh_token, sizeof session.refresh_token, "%s",
	         http_text(&r, "refresh_token"));
	session.id = session_of(session.token);
	http_response_free(&r);
	return session;
}

struct e2e_session e2e_login_as_admin(const struct server *s, const char *pseudo)
{
	char output[4096];

	if (server_run((const char *[]){"canaduck", "admin", "grant", pseudo, NULL}, s, NULL,
	               output, sizeof output) != 0)
		fail_msg("admin grant: %s", output);
	return e2e_login(s, pseudo);
}

struct http_response e2e_ask(const struct server *s, const char *method, const char *path,
                             const char *token, const char *format, ...)
{
	static char body[256 * 1024];
	va_list     ap;

	va_start(ap, format);
	vsnprintf(body, sizeof body, format, ap);
	va_end(ap);
	return http_ask(s->port, &(struct http_request){.method = method,
	                                                .path = path,
	                                                .token = token,
	                                                .body = *body ? body : NULL});
}

void e2e_create_channel(const struct server *s, const char *token, const char *name,
                        bool is_private)
{
	struct http_response r =
	        http_postf(s->port, "/channel", token, "{\"name\":\"%s\",\"private\":%s}", name,
	                   is_private ? "true" : "false");

	assert_http(r, 201);
	http_response_free(&r);
}

void e2e_join(const struct server *s, const char *token, const char *channel)
{
	struct http_response r;
	char                 path[128];

	snprintf(path, sizeof path, "/channel/%s/join", channel);
	r = http_post(s->port, path, token, NULL);
	assert_http(r, 200);
	http_response_free(&r);
}

int64_t e2e_send(const struct server *s, const char *token, const char *channel, const char *text)
{
	struct http_response r = http_postf(s->port, "/msg", token,
	                                    "{\"channel\":\"%s\",\"text\":\"%s\"}", channel, text);
	int64_t              id;

	assert_http(r, 201);
	id = http_int(&r, "result.id");
	assert_true(id > 0);
	http_response_free(&r);
	return id;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void e2e_assert_keys(const struct http_response *r, const char *path, const char *keys,
                     const char *file, int line)
{
	const char *names[64], *name;
	char        all[1024] = "";
	size_t      n = 0, len = 0;
	json_t     *value;

	json_object_foreach(http_json(r, path), name, value) if (n < sizeof names / sizeof *names)
	        names[n++] = name;
	qsort(names, n, sizeof *names, compare);
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", i ? " " : "",
		                        names[i]);
	if (strcmp(all, keys) != 0) {
		print_error("%s has \"%s\", not \"%s\", in %s\n", path, all, keys, r->body);
		_fail(file, line);
	}
}

void e2e_assert_time(const struct http_response *r, const char *path, const char *file, int line)
{
	const char *text = http_text(r, path), *end;
	struct tm   tm = {0};
	time_t      then, now = time(NULL);

	end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	then = timegm(&tm);
	if (end && *end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	if (end == NULL || strcmp(end, "Z") != 0 || then > now + 1 || then < now - 600) {
		print_error("%s is \"%s\": no time of just now in UTC\n", path, text);
		_fail(file, line);
	}
}

size_t e2e_count(const struct http_response *answers, size_t n, long status_code)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += answers[i].status == status_code;
	return count;
}
