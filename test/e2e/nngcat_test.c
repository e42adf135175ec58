/* A client that knows nothing of us but the messages: Debian's nngcat, in a shell as in README.md.
 */
#include "test/e2e/e2e.h"
#include "test/e2e/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DECODE "protoc -I proto --decode=canaduck.rpc.v1.Reply canaduck/rpc/v1/envelope.proto"

static struct server server;
static char          output[256 * 1024];

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	setenv("RUN_DIR", server.run_dir, 1);
	setenv("JWT_SECRET", SERVER_JWT_SECRET, 1);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static int run(const char *script)
{
	return shell_run(script, output, sizeof output);
}

TEST(the_example_of_the_readme_says_that_users_is_well)
{
	char *example = shell_readme("### From other languages", 0, NULL, NULL);

	assert_int_equal(run(example), 0);
	free(example);
	assert_string_equal(output, "payload: \"\\010\\001\"\n");
}

TEST(each_service_answers_at_a_socket_of_its_owner)
{
	static const char *const services[] = {"users", "channels", "messages", "stats",
	                                       "incidents"};

	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		char        path[128], script[512];
		struct stat about;

		snprintf(path, sizeof path, "%s/%s.rep", server.run_dir, services[i]);
		assert_int_equal(stat(path, &about), 0);
		assert_true(S_ISSOCK(about.st_mode));
		assert_int_equal(about.st_mode & 0777, 0600);
		snprintf(script, sizeof script,
		         "printf \"\\012\\035/canaduck.rpc.v1.Health/Check\" |"
		         " nngcat --req --dial ipc://%s --file - --raw | " DECODE,
		         path);
		assert_int_equal(run(script), 0);
		assert_string_equal(output, "payload: \"\\010\\001\"\n");
	}
}

/* A request in the text format of protobuf. */
static void ask_users(const char *request)
{
	char script[2048];

	snprintf(script, sizeof script,
	         "protoc -I proto --encode=canaduck.rpc.v1.Request canaduck/rpc/v1/envelope.proto"
	         " <<\"END\" | nngcat --req --dial ipc://%s/users.rep --file - --raw | " DECODE
	         "\n%s\nEND\n",
	         server.run_dir, request);
	assert_int_equal(run(script), 0);
}

TEST(what_is_public_is_answered_without_an_identity)
{
	e2e_register(&server, "foreigner");
	ask_users("method: \"/canaduck.users.v1.Users/Whois\" payload: \"\\n\\tforeigner\"");
	assert_non_null(strstr(output, "payload: \""));
	assert_non_null(strstr(output, "foreigner"));
	assert_null(strstr(output, "code:"));
	ask_users("method: \"/canaduck.users.v1.Users/Whois\" payload: \"\\n\\006nobody\"");
	assert_non_null(strstr(output, "code: 5\n"));
}

TEST(what_is_not_public_needs_a_sealed_identity)
{
	static const char *const requests[] = {
	        "method: \"/canaduck.users.v1.Users/GetMe\"",
	        "method: \"/canaduck.users.v1.Users/GetMe\""
	        " identity: \"\\022\\010canaduck(\\0010\\001\"",
	        "method: \"/canaduck.users.v1.Users/GetMe\""
	        " identity: \"\\022\\010canaduck(\\0010\\001\""
	        " mac: \"01234567890123456789012345678901\"",
	        "method: \"/canaduck.rpc.v1.Reflection/List\""
	        " identity: \"\\022\\010canaduck(\\002B\\007reports\""
	        " mac: \"01234567890123456789012345678901\"",
	};

	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		ask_users(requests[i]);
		assert_int_equal(strncmp(output, "code: 16\n", 9), 0);
		assert_null(strstr(output, "payload"));
	}
	ask_users("method: \"/canaduck.rpc.v1.Reflection/List\"");
	assert_int_equal(strncmp(output, "code: 7\n", 8), 0);
}

static void ask_users_sealed(const char *method, const char *who)
{
	char script[2048];

	snprintf(script, sizeof script,
	         "test/e2e/sealed_request.sh %s \"%s\" |"
	         " nngcat --req --dial ipc://%s/users.rep --file - --raw | " DECODE,
	         method, who, server.run_dir);
	assert_int_equal(run(script), 0);
}

TEST(an_identity_can_be_sealed_in_another_language)
{
	struct e2e_account account = e2e_register(&server, "sealed");
	char               who[128];

	ask_users_sealed("/canaduck.rpc.v1.Reflection/List",
	                 "kind: KIND_SERVICE name: \\\"reports\\\"");
	assert_null(strstr(output, "code:"));
	assert_non_null(strstr(output, "/canaduck.users.v1.Users/Resolve"));

	snprintf(who, sizeof who, "kind: KIND_ACCOUNT account_id: %lld name: \\\"sealed\\\"",
	         (long long)account.id);
	ask_users_sealed("/canaduck.users.v1.Users/GetMe", who);
	assert_null(strstr(output, "code:"));
	assert_non_null(strstr(output, "sealed@example.org"));

	/* The same by another secret. */
	setenv("JWT_SECRET", "another secret of the tests, long enough", 1);
	ask_users_sealed("/canaduck.users.v1.Users/GetMe", who);
	setenv("JWT_SECRET", SERVER_JWT_SECRET, 1);
	assert_int_equal(strncmp(output, "code: 16\n", 9), 0);
}

TEST_MAIN(start, stop)
