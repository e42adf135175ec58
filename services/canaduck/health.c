#include "services/canaduck/health.h"

#include "base/mem.h"
#include "edge/edge.h"

#include <arpa/inet.h>
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

static int dial(const struct where *at)
{
	const struct timeval timeout = {.tv_sec = TIMEOUT_S};
	struct sockaddr_in   to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)at->port)};
	/* An edge that listens everywhere listens here too. */
	const char *host = strcmp(at->host, "0.0.0.0") == 0 ? "127.0.0.1" : at->host;
	int         fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || inet_pton(AF_INET, host, &to.sin_addr) != 1)
		goto fail;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
fail:
	if (fd >= 0)
		close(fd);
	return -1;
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

	if (argc > 1) {
		fprintf(stderr, "usage: canaduck health (not %s)\n", argv[1]);
		return 2;
	}
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
