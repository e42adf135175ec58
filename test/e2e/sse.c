#include "test/e2e/sse.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 65536, REQUEST_BYTES = 16384 };

/* ---- bytes ---- */

static int dial(uint16_t port, int rcv_bytes)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (rcv_bytes)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcv_bytes, sizeof rcv_bytes);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -1;
}

static void append(char **to, size_t *len, const char *from, size_t n)
{
	*to = mem_realloc(*to, *len + n + 1);
	memcpy(*to + *len, from, n);
	*len += n;
	(*to)[*len] = '\0';
}

static void consume(char *from, size_t *len, size_t n)
{
	memmove(from, from + n, *len - n + 1);
	*len -= n;
}

/* Reads what is there within the time. */
static bool receive(struct sse *s, int64_t until_ns)
{
	struct pollfd p = {.fd = s->fd, .events = POLLIN};
	int64_t       left_ns = until_ns - clock_now_ns();
	char         *bytes;
	ssize_t       n;

	if (s->fd < 0 || s->is_over || left_ns <= 0 ||
	    poll(&p, 1, (int)(left_ns / CLOCK_NS_PER_MS) + 1) != 1)
		return false;
	bytes = mem_alloc(READ_BYTES);
	n = recv(s->fd, bytes, READ_BYTES, 0);
	if (n > 0)
		append(&s->raw, &s->raw_len, bytes, (size_t)n);
	else
		s->is_over = true;
	mem_free(bytes);
	return n > 0;
}

/* Whole chunks (RFC 9112 7.1) become text. */
static void unchunk(struct sse *s)
{
	while (s->raw_len > 0) {
		char        *end;
		const size_t n = strtoul(s->raw, &end, 16);
		const size_t head = (size_t)(end - s->raw) + 2;

		if (strstr(s->raw, "\r\n") == NULL || s->raw_len < head + n + 2)
			return;
		append(&s->text, &s->text_len, s->raw + head, n);
		consume(s->raw, &s->raw_len, head + n + 2);
		if (n == 0)
			s->is_over = s->is_whole = true;
	}
}

/* ---- asking ---- */

void sse_ask(struct sse *s, const struct sse_request *req)
{
	const int64_t until_ns = clock_after_ms(SSE_WAIT_MS);
	char          request[REQUEST_BYTES];
	char         *end = NULL;
	int           n;

	*s = (struct sse){.fd = dial(req->port, req->rcv_bytes)};
	n = snprintf(request, sizeof request,
	             "GET /events%s%s HTTP/1.1\r\nHost: x\r\n%s%s%s%s%s%s\r\n",
	             req->query ? "?" : "", req->query ? req->query : "",
	             req->token ? "Authorization: Bearer " : "", req->token ? req->token : "",
	             req->token ? "\r\n" : "", req->last_id ? "Last-Event-ID: " : "",
	             req->last_id ? req->last_id : "", req->last_id ? "\r\n" : "");
	if (s->fd < 0 || send(s->fd, request, (size_t)n, MSG_NOSIGNAL) != n)
		return;
	while ((s->raw == NULL || (end = strstr(s->raw, "\r\n\r\n")) == NULL) &&
	       receive(s, until_ns))
		;
	if (end == NULL)
		return;
	snprintf(s->head, sizeof s->head, "%.*s\r\n", (int)(end - s->raw), s->raw);
	s->status = strtol(s->head + strlen("HTTP/1.1 "), NULL, 10);
	consume(s->raw, &s->raw_len, (size_t)(end + 4 - s->raw));
}

void sse_open(struct sse *s, const struct sse_request *req)
{
	const int64_t until_ns = clock_after_ms(SSE_WAIT_MS);

	sse_ask(s, req);
	if (s->status != 200)
		fail_msg("%s: status %ld %s", req->query, s->status, s->raw ? s->raw : "");
	unchunk(s);
	while (s->text_len == 0 && receive(s, until_ns))
		unchunk(s);
	assert_true(s->text_len > 0);
}

/* ---- events ---- */

static void take_field(struct sse *s, const char *line)
{
	const char *value = strchr(line, ':');

	if (value == NULL)
		return;
	value += value[1] == ' ' ? 2 : 1;
	if (line[0] == ':') {
		s->n_comments++;
	} else if (strncmp(line, "event:", 6) == 0) {
		snprintf(s->event, sizeof s->event, "%s", value);
	} else if (strncmp(line, "id:", 3) == 0) {
		snprintf(s->id, sizeof s->id, "%s", value);
	} else if (strncmp(line, "data:", 5) == 0) {
		mem_free(s->data);
		s->data = mem_strndup(value, strlen(value));
	}
}

static void forget(struct sse *s)
{
	s->event[0] = '\0';
	mem_free(s->data);
	s->data = NULL;
	json_decref(s->json);
	s->json = NULL;
}

/* Takes one block of lines, up to an empty one. */
static bool take_block(struct sse *s)
{
	char *end = s->text_len > 0 ? strstr(s->text, "\n\n") : NULL;
	char *line, *rest;

	if (end == NULL)
		return false;
	*end = '\0';
	forget(s);
	for (line = strtok_r(s->text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		take_field(s, line);
	consume(s->text, &s->text_len, (size_t)(end + 2 - s->text));
	if (s->data)
		s->json = json_loads(s->data, 0, NULL);
	return true;
}

bool sse_next(struct sse *s, int timeout_ms)
{
	const int64_t until_ns = clock_after_ms(timeout_ms);

	do {
		unchunk(s);
		while (take_block(s))
			if (s->data)
				return true;
	} while (receive(s, until_ns));
	forget(s);
	return false;
}

void sse_assert_event(struct sse *s, const char *name, const char *file, int line)
{
	if (!sse_next(s, SSE_WAIT_MS)) {
		print_error("no event, but %s was awaited%s\n", name,
		            s->is_over ? "; it is over" : "");
		_fail(file, line);
	}
	if (strcmp(s->event, name) != 0 || s->json == NULL) {
		print_error("event %s with %s came, but %s was awaited\n", s->event, s->data, name);
		_fail(file, line);
	}
}

void sse_assert_over(struct sse *s, const char *file, int line)
{
	if (sse_next(s, SSE_WAIT_MS)) {
		print_error("event %s with %s came, but the end was awaited\n", s->event, s->data);
		_fail(file, line);
	}
	if (!s->is_over) {
		print_error("the stream goes on\n");
		_fail(file, line);
	}
}

int64_t sse_int(const struct sse *s, const char *key)
{
	return json_integer_value(json_object_get(s->json, key));
}

const char *sse_text(const struct sse *s, const char *key)
{
	const char *text = json_string_value(json_object_get(s->json, key));

	return text ? text : "";
}

void sse_close(struct sse *s)
{
	if (s->fd >= 0)
		close(s->fd);
	forget(s);
	mem_free(s->raw);
	mem_free(s->text);
	*s = (struct sse){.fd = -1};
}
