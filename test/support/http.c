#include "test/support/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { TIMEOUT_S = 30, MAX_BODY = 2 * 1024 * 1024 };

struct text {
	char  *ptr;
	size_t len;
};

static void append(struct text *t, const char *data, size_t n)
{
	t->ptr = realloc(t->ptr, t->len + n + 1);
	memcpy(t->ptr + t->len, data, n);
	t->len += n;
	t->ptr[t->len] = '\0';
}

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
	append(arg, data, size * n);
	return size * n;
}

static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
	struct text *t = arg;
	size_t       len = size * n;

	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	append(t, line, len);
	t->len++; /* its NUL stays */
	return size * n;
}

static struct curl_slist *headers_of(const struct http_request *req)
{
	struct curl_slist *list = NULL;
	char               line[16384];

	if (req->token) {
		snprintf(line, sizeof line, "Authorization: Bearer %s", req->token);
		list = curl_slist_append(list, line);
	}
	if (req->body) {
		snprintf(line, sizeof line, "Content-Type: %s",
		         req->content_type ? req->content_type : "application/json");
		/* An empty one is left out: curl would send its own. */
		list = curl_slist_append(
		        list, req->content_type && !*req->content_type ? "Content-Type:" : line);
	}
	list = curl_slist_append(list, "Expect:");
	for (size_t i = 0; req->headers && req->headers[i]; i++)
		list = curl_slist_append(list, req->headers[i]);
	return list;
}

static void setup(CURL *curl, uint16_t port, const struct http_request *req)
{
	char url[8192];

	snprintf(url, sizeof url, "http://127.0.0.1:%u%s", port, req->path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, req->method);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
	                 req->timeout_ms ? req->timeout_ms : TIMEOUT_S * 1000L);
	if (req->is_http2)
		curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
		                 (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
	if (strcmp(req->method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	if (req->body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, req->body);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		                 (curl_off_t)(req->body_len ? req->body_len : strlen(req->body)));
	}
}

/* libcurl's own first use is not for several threads at once. */
__attribute__((constructor)) static void setup_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct http_response http_ask(uint16_t port, const struct http_request *req)
{
	struct http_response r = {0};
	struct text          body = {calloc(1, 1), 0}, headers = {calloc(1, 1), 0};
	struct curl_slist   *list = headers_of(req);
	CURL                *curl = curl_easy_init();
	CURLcode             result;

	setup(curl, port, req);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &headers);
	result = curl_easy_perform(curl);
	r.is_refused = result == CURLE_COULDNT_CONNECT;
	if (result == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &r.status);
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
	r.body = body.ptr;
	r.body_len = body.len;
	r.headers = headers.ptr;
	r.headers_len = headers.len;
	r.json = json_loadb(body.ptr, body.len, JSON_DECODE_ANY, NULL);
	return r;
}

struct http_response http_get(uint16_t port, const char *path, const char *token)
{
	return http_ask(port,
	                &(struct http_request){.method = "GET", .path = path, .token = token});
}

struct http_response http_post(uint16_t port, const char *path, const char *token, const char *body)
{
	return http_ask(port,
	                &(struct http_request){
	                        .method = "POST", .path = path, .token = token, .body = body});
}

struct http_response http_postf(uint16_t port, const char *path, const char *token,
                                const char *format, ...)
{
	struct http_response r;
	char                *body = malloc(MAX_BODY);
	va_list              args;

	va_start(args, format);
	vsnprintf(body, MAX_BODY, format, args);
	va_end(args);
	r = http_post(port, path, token, body);
	free(body);
	return r;
}

static void *run(void *arg)
{
	struct http_pending *p = arg;

	p->response = http_ask(p->port, &p->request);
	return NULL;
}

void http_start(struct http_pending *p, uint16_t port, const struct http_request *req)
{
	*p = (struct http_pending){.port = port, .request = *req};
	if (pthread_create(&p->thread, NULL, run, p) != 0)
		abort();
}

struct http_response http_finish(struct http_pending *p)
{
	pthread_join(p->thread, NULL);
	return p->response;
}

int http_dial(uint16_t port)
{
	const struct timeval timeout = {.tv_sec = TIMEOUT_S};
	struct sockaddr_in   at = {.sin_family = AF_INET,
	                           .sin_port = htons(port),
	                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int                  fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
	if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Splits what was read: the head's lines, the body as it came. */
static struct http_response parse(const char *text, size_t len)
{
	struct http_response r = {.body = calloc(1, 1), .headers = calloc(1, 1)};
	struct text          headers = {r.headers, 0};
	const char          *end = memmem(text, len, "\r\n\r\n", 4);

	if (end == NULL || sscanf(text, "HTTP/1.%*c %ld", &r.status) != 1)
		return r;
	for (const char *line = text; line < end; line += strcspn(line, "\n") + 1)
		on_header((char *)(uintptr_t)line, 1, strcspn(line, "\r\n"), &headers);
	r.headers = headers.ptr;
	r.headers_len = headers.len;
	free(r.body);
	r.body_len = len - (size_t)(end + 4 - text);
	r.body = strndup(end + 4, r.body_len);
	r.json = json_loadb(r.body, r.body_len, JSON_DECODE_ANY, NULL);
	return r;
}

struct http_response http_send_bytes(uint16_t port, const char *bytes, size_t len)
{
	struct text          all = {calloc(1, 1), 0};
	struct http_response r;
	int                  fd = http_dial(port);
	char                 chunk[4096];
	ssize_t              n;

	if (fd >= 0 && send(fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len)
		while ((n = recv(fd, chunk, sizeof chunk, 0)) > 0)
			append(&all, chunk, (size_t)n);
	if (fd >= 0)
		close(fd);
	r = parse(all.ptr, all.len);
	free(all.ptr);
	return r;
}

void http_response_free(struct http_response *r)
{
	json_decref(r->json);
	free(r->body);
	free(r->headers);
	*r = (struct http_response){0};
}
