#include "auth/secret.h"
#include "services/canaduck/call.h"
#include "services/canaduck/certs.h"
#include "services/canaduck/health.h"
#include "services/canaduck/hosting.h"
#include "services/canaduck/routes.h"
#include "services/canaduck/serve.h"
#include "services/canaduck/sub.h"

#include <stdio.h>
#include <string.h>

static int migrate_main(int argc, char **argv)
{
	static struct settings s;
	struct parts           parts = parts_all();
	status                 st;

	if (argc > 1 && !parts_choose(argc - 1, argv + 1, &parts)) {
		fprintf(stderr,
		        "usage: canaduck migrate [users | channels | messages | stats | incidents]\n");
		return 2;
	}
	parts.has_edge = false;
	parts.only_migrates = true;
	st = settings_load(&s, &parts);
	if (st.code != CODE_OK) {
		fprintf(stderr, "%s", st.msg);
		return 2;
	}
	st = hosting_migrate(&s);
	return st.code != CODE_OK;
}

static int version_main(int argc __attribute__((unused)), char **argv __attribute__((unused)))
{
	printf("canaduck %s\n", CANADUCK_VERSION);
	return 0;
}

static int help_main(int argc, char **argv);

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage, *help;
} commands[] = {
        {"serve", serve_main, "serve all | PART...",
         "run parts (edge, users, channels, messages, stats, incidents) until SIGTERM"},
        {"migrate", migrate_main, "migrate [SERVICE...]", "bring the schemas up to date and end"},
        {"call", call_main, "call [--as ID] METHOD [JSON]",
         "call an RPC as a service, or as an account, print its answer"},
        {"sub", sub_main, "sub [OPTION...] TOPIC",
         "print events as they happen, in JSON: canaduck sub --help"},
        {"admin", call_admin_main, "admin grant|revoke PSEUDO", "give or take the role admin"},
        {"stats", call_stats_main, "stats rebuild", "count all statistics anew from their sources"},
        {"routes", routes_main, "routes [--all]", "print the route table"},
        {"certs", certs_main, "certs DIR [NAME[,ALSO...]...]",
         "make certificates for tls+tcp in DIR, by an authority of its own"},
        {"health", health_main, "health [SERVICE]",
         "ask a running edge, or a service, whether it can work"},
        {"version", version_main, "version", "print the version"},
        {"help", help_main, "help", "print this"},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static int help_main(int argc __attribute__((unused)), char **argv __attribute__((unused)))
{
	printf("usage: canaduck COMMAND\n\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		printf("  %-28s %s\n", commands[i].usage, commands[i].help);
	printf("\nConfiguration, by environment variables (X[_FILE]: or the file that X_FILE names):\n");
	settings_print_help();
	return 0;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: canaduck COMMAND; canaduck help lists them\n");
		return 2;
	}
	if (is_help(argv[1]) || (argc > 2 && is_help(argv[2]) && strcmp(argv[1], "sub") != 0))
		return help_main(argc, argv);
	secret_setup();
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "no command %s; canaduck help lists them\n", argv[1]);
	return 2;
}
