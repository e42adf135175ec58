#include "runtime/notify.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "test/support/test.h"

static int listen_at(const char *name)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int                fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	size_t             len = strlen(name);

	memcpy(at.sun_path, name, len);
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&at,
	                      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
	                 0);
	return fd;
}

static void assert_heard(const char *name)
{
	char buffer[64] = {0};
	int  fd = listen_at(name);

	runtime_notify(name, "READY=1");
	assert_int_equal(recv(fd, buffer, sizeof buffer - 1, MSG_DONTWAIT), 7);
	assert_string_equal(buffer, "READY=1");
	close(fd);
}

TEST(a_supervisor_hears_on_a_path)
{
	char name[64];

	snprintf(name, sizeof name, "/tmp/canaduck-notify-%d", getpid());
	assert_heard(name);
	unlink(name);
}

TEST(a_supervisor_hears_on_an_abstract_name)
{
	char name[64];

	snprintf(name, sizeof name, "@canaduck-notify-%d", getpid());
	assert_heard(name);
}

TEST(no_supervisor_is_no_trouble)
{
	runtime_notify(NULL, "READY=1");
	runtime_notify("", "READY=1");
	runtime_notify("/nonexistent/socket", "READY=1");
}

TEST_MAIN()
