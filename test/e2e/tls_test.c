#include "test/e2e/e2e.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A server with a certificate of its own making; openssl(1) is the client. */
static struct server server;
static char          folder[] = "/tmp/canaduck-tls-XXXXXX";
static char          output[16 * 1024];

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...)
{
	char    command[1024];
	size_t  len;
	va_list args;
	FILE   *from;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	from = popen(command, "r");
	assert_non_null(from);
	len = fread(output, 1, sizeof output - 1, from);
	output[len] = '\0';
	pclose(from);
}

static int start(void **state __attribute__((unused)))
{
	char certificate[128], key[128];

	assert_non_null(mkdtemp(folder));
	run("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
	    " -keyout %s/key.pem -out %s/cert.pem 2>&1",
	    folder, folder);
	snprintf(certificate, sizeof certificate, "TLS_CERT_FILE=%s/cert.pem", folder);
	snprintf(key, sizeof key, "TLS_KEY_FILE=%s/key.pem", folder);
	e2e_start(&server, (const char *[]){certificate, key, NULL});
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	run("rm -r %s", folder);
	return 0;
}

static void ask(const char *options)
{
	run("printf 'GET /health HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' |"
	    " timeout 20 openssl s_client -connect 127.0.0.1:%u -ign_eof %s 2>&1",
	    server.port, options);
}

static void assert_said(const char *text)
{
	if (strstr(output, text) == NULL)
		fail_msg("\"%s\" is not in: %s", text, output);
}

static void assert_unsaid(const char *text)
{
	if (strstr(output, text))
		fail_msg("\"%s\" is in: %s", text, output);
}

TEST(requests_are_answered_over_tls_1_2_and_1_3)
{
	static const struct {
		const char *option, *protocol;
	} cases[] = {{"-tls1_2", "TLSv1.2"}, {"-tls1_3", "TLSv1.3"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ask(cases[i].option);
		assert_said("HTTP/1.1 200 OK");
		assert_said("{\"status\":\"ok\"}");
		assert_said(cases[i].protocol);
	}
}

/* The client is told to bear what Debian's own would refuse. */
TEST(older_protocols_are_refused)
{
	static const char *const options[] = {"-tls1 -cipher DEFAULT@SECLEVEL=0",
	                                      "-tls1_1 -cipher DEFAULT@SECLEVEL=0"};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		ask(options[i]);
		assert_unsaid("HTTP/1.1");
		assert_said("Cipher is (NONE)");
	}
}

TEST(http_2_is_not_offered)
{
	ask("-alpn h2,http/1.1");
	assert_said("No ALPN negotiated");
	assert_said("HTTP/1.1 200 OK");
}

TEST(plain_http_gets_nothing)
{
	static const char    request[] = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
	struct http_response r = http_send_bytes(server.port, request, sizeof request - 1);

	assert_int_equal(r.status, 0);
	http_response_free(&r);
}

TEST_MAIN(start, stop)
