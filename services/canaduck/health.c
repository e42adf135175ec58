#include "services/canaduck/health.h"

#include "base/mem.h"
#include "edge/edge.h"
#include "services/canaduck/call.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { TIMEOUT_S = 5, MAX_ANSWER = 8192 };

struct where {
	const char *host;
	uint32_t    port;
};

static const struct config_field fields[] = {
        CONFIG_STR(struct where, host, "HOST", "127.0.0.1", "address of the edge"),
        CONFIG_U32(struct where, port, "PORT", 8080, 1, 65535, "port of the edge"),
        {0},
};

/* Where an edge that listens everywhere is heard. */
static const char *heard_at(const char *host)
{
	if (strcmp(host, "0.0.0.0") == 0)
		return "127.0.0.1";
	return strcmp(host, "::") == 0 ? "::1" : host;
}

static int dial(const struct where *at)
{
	const struct timeval  timeout = {.tv_sec = TIMEOUT_S};
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	                               .ai_socktype = SOCK_STREAM};
	struct addrinfo      *to;
	char                  port[6];
	int                   fd;

	snprintf(port, sizeof port, "%u", at->port);
	if (getaddrinfo(heard_at(at->host), port, &hints, &to) != 0)
		return -1;
	fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
		if (connect(fd, to->ai_addr, to->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(to);
	return fd;
}

static size_t ask(int fd, char *answer, size_t size)
{
	static const char request[] = "GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n";
	size_t            len = 0;
	ssize_t           n;

	if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) != (ssize_t)(sizeof request - 1))
		return 0;
	while (len < size - 1 && (n = recv(fd, answer + len, size - 1 - len, 0)) > 0)
		len += (size_t)n;
	return len;
}

int health_main(int argc, char **argv)
{
	AUTO(buf_fini) struct buf mistakes = {.ceiling = MAX_ANSWER};
	struct where              at;
	char                      answer[MAX_ANSWER];
	const char               *body;
	size_t                    len;
	int                       fd;

	if (argc > 2) {
		fprintf(stderr, "usage: canaduck health [SERVICE]\n");
		return 2;
	}
	if (argc == 2)
		return call_health(argv[1]);
	config_load(fields, &at, &mistakes);
	if (mistakes.len > 0) {
		fprintf(stderr, "%.*s", STR_ARG(buf_str(&mistakes)));
		return 2;
	}
	fd = dial(&at);
	if (fd < 0) {
		fprintf(stderr, "nothing answers at %s:%u\n", at.host, at.port);
		return 1;
	}
	len = ask(fd, answer, sizeof answer);
	close(fd);
	answer[len] = '\0';
	body = strstr(answer, "\r\n\r\n");
	printf("%s\n", body ? body + 4 : "no answer");
	return !(len > 12 && strncmp(answer + 8, " 200", 4) == 0);
}
