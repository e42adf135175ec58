#include "services/canaduck/settings.h"

#include "base/arena.h"
#include "base/mem.h"
#include "log/log.h"
#include "services/canaduck/addresses.h"

#include <stdio.h>
#include <string.h>

enum { PRODUCTION, DEVELOPMENT };

enum { MAX_TEXT = 65536 };

static const char *const environments[] = {"production", "development", NULL};
static const char *const levels[] = {"debug", "info", "warn", "error", "off", NULL};
static const char *const formats[] = {"logfmt", "json", NULL};

#define FIELD(type, member, ...)    CONFIG_##type(struct process_config, member, __VA_ARGS__)
#define DB_FIELD(type, member, ...) CONFIG_##type(struct database_config, member, __VA_ARGS__)

/* clang-format off */
/* In the order of parts_services. */
#define OF_SERVICES(field) \
	field(0, "USERS", "users"), field(1, "CHANNELS", "channels"), \
	field(2, "MESSAGES", "messages"), field(3, "STATS", "stats"), \
	field(4, "INCIDENTS", "incidents")
#define URL_FIELD(i, NAME, name) \
	FIELD(STR, service_urls[i], NAME "_URL", "", "addresses of the replicas of " name \
	      ", separated by commas; else this process, or RUN_DIR")
#define LISTEN_FIELD(i, NAME, name) \
	FIELD(STR, service_listen[i], NAME "_LISTEN", "", \
	      "addresses at which " name " listens, separated by commas; else RUN_DIR")
#define EVENTS_URL_FIELD(i, NAME, name) \
	FIELD(STR, events_urls[i], NAME "_EVENTS_URL", "", \
	      "where the replicas of " name " publish events; else beside " NAME "_URL")
#define EVENTS_LISTEN_FIELD(i, NAME, name) \
	FIELD(STR, events_listen[i], NAME "_EVENTS_LISTEN", "", \
	      "where " name " publishes events; else beside " NAME "_LISTEN")
#define PUBLIC_LISTEN_FIELD(i, NAME, name) \
	FIELD(STR, public_listen[i], NAME "_PUBLIC_EVENTS_LISTEN", "", \
	      "where " name " publishes what anybody may see; else beside " NAME "_LISTEN")
#define DB_URL_FIELD(i, NAME, name) \
	DB_FIELD(SECRET, service_db_url[i], NAME "_DB_URL", "", 0, \
	         "PostgreSQL of " name "; else DB_URL")
/* clang-format on */

static const struct config_field process_fields[] = {
        FIELD(ENUM, environment, "ENV", "production", environments,
              "production or development; production refuses development secrets"),
        FIELD(ENUM, log_level, "LOG_LEVEL", "info", levels, "debug, info, warn, error or off"),
        FIELD(ENUM, log_format, "LOG_FORMAT", "logfmt", formats, "logfmt or json"),
        FIELD(STR, run_dir, "RUN_DIR", "",
              "directory of the sockets by which processes on one machine reach each other"),
        OF_SERVICES(URL_FIELD),
        OF_SERVICES(LISTEN_FIELD),
        OF_SERVICES(EVENTS_URL_FIELD),
        OF_SERVICES(EVENTS_LISTEN_FIELD),
        OF_SERVICES(PUBLIC_LISTEN_FIELD),
        FIELD(STR, rpc_tls.ca, "RPC_TLS_CA_FILE", "",
              "certificates of the authorities that tls+tcp believes, in PEM"),
        FIELD(STR, rpc_tls.cert, "RPC_TLS_CERT_FILE", "",
              "this process's certificate for tls+tcp, in PEM; canaduck certs makes it"),
        FIELD(STR, rpc_tls.key, "RPC_TLS_KEY_FILE", "", "its private key, in PEM"),
        FIELD(SECRET, jwt_secret, "JWT_SECRET", "", 32, "signs access tokens; at least 32 bytes"),
        FIELD(SECRET, identity_key, "IDENTITY_KEY", "", 32,
              "seals identities between services; else derived from JWT_SECRET"),
        FIELD(SECRET, identity_key_previous, "IDENTITY_KEY_PREVIOUS", "", 32,
              "a key that is still accepted while it is changed"),
        FIELD(STR, metrics_host, "METRICS_HOST", "127.0.0.1", "address of the private port"),
        FIELD(U32, metrics_port, "METRICS_PORT", 8081, 0, 65535,
              "private port for GET /metrics; 0: any free one"),
        FIELD(U32, edge_loops, "EDGE_LOOPS", 1, 1, 64, "event loops (threads) of the edge"),
        FIELD(U32, max_calls, "MAX_CALLS", 1024, 1, 65536,
              "calls under way at once in one service"),
        FIELD(U32, drain_timeout_ms, "DRAIN_TIMEOUT_MS", 10000, 0, 600000,
              "how long requests under way may last after SIGTERM, in milliseconds"),
        FIELD(STR, notify_socket, "NOTIFY_SOCKET", "",
              "where a supervisor hears READY=1 (systemd)"),
        {0},
};

static const struct config_field database_fields[] = {
        DB_FIELD(SECRET, db_url, "DB_URL", "", 0,
                 "PostgreSQL, as postgresql://user@host/database, of services without their own"),
        DB_FIELD(SECRET, migrate_db_url, "MIGRATE_DB_URL", "", 0,
                 "PostgreSQL for migrations, if they need more rights; else each service's own"),
        OF_SERVICES(DB_URL_FIELD),
        DB_FIELD(U32, db_read_connections, "DB_READ_CONNECTIONS", 4, 1, 64,
                 "connections of a service that only read"),
        DB_FIELD(U32, db_write_connections, "DB_WRITE_CONNECTIONS", 8, 1, 64,
                 "connections of a service that write"),
        DB_FIELD(U32, db_statement_timeout_ms, "DB_STATEMENT_TIMEOUT_MS", 10000, 10, 300000,
                 "longest statement, in milliseconds"),
        DB_FIELD(U32, db_lock_timeout_ms, "DB_LOCK_TIMEOUT_MS", 5000, 10, 300000,
                 "longest wait for a lock, in milliseconds"),
        DB_FIELD(U32, db_start_timeout_ms, "DB_START_TIMEOUT_MS", 30000, 0, 600000,
                 "how long to wait for PostgreSQL at start, in milliseconds"),
        {0},
};

/* What is in it lives as long as the process, as all settings do. */
static struct arena arena;

static void check_production(const struct process_config *p, struct buf *mistakes)
{
	if (p->environment == PRODUCTION && str_starts(str_c(p->jwt_secret), STR("development")))
		buf_put(mistakes,
		        STR("JWT_SECRET: a development secret is refused in production\n"));
}

static void check_keys(const struct process_config *p, struct buf *mistakes)
{
	if (!p->identity_key[0] && !p->jwt_secret[0])
		buf_put(mistakes, STR("IDENTITY_KEY: is required without JWT_SECRET\n"));
}

static void check_databases(const struct settings *s, struct buf *mistakes)
{
	for (unsigned i = 0; i < PARTS_SERVICES; i++)
		if (s->parts.has_service[i] && !settings_db_url(s, i)[0])
			buf_printf(mistakes, "DB_URL: is required, or the database of %s\n",
			           parts_services[i]->name);
}

static void derive_keys(struct settings *s)
{
	const struct process_config *p = &s->process;
	const char                  *secret = p->identity_key[0] ? p->identity_key : p->jwt_secret;

	identity_keys_derive(str_c(secret), str_c(p->identity_key_previous), &s->keys);
}

static bool has_line(str text, str line)
{
	str one;

	while (str_cut(text, '\n', &one, &text))
		if (str_eq(one, line))
			return true;
	return false;
}

/* Several parts read the same variable: what is wrong with it is said once. */
static void add_new_lines(struct buf *out, str lines)
{
	str line;

	while (str_cut(lines, '\n', &line, &lines)) {
		if (has_line(buf_str(out), line))
			continue;
		buf_put(out, line);
		buf_put_c(out, '\n');
	}
}

static void load_parts(struct settings *s, struct buf *mistakes)
{
	config_load(process_fields, &s->process, mistakes);
	if (s->parts.has_edge)
		config_load(edge_config_fields, &s->edge, mistakes);
	if (parts_has_services(&s->parts))
		config_load(database_fields, &s->database, mistakes);
	for (unsigned i = 0; i < PARTS_SERVICES; i++) {
		if (!s->parts.has_service[i] || s->parts.only_migrates)
			continue;
		s->services[i] = mem_zalloc(parts_services[i]->config_bytes);
		config_load(parts_services[i]->config_fields, s->services[i], mistakes);
	}
}

/* What a table cannot say; a variable that is wrong holds its default here. */
static void check_all(struct settings *s, struct buf *mistakes)
{
	check_production(&s->process, mistakes);
	check_databases(s, mistakes);
	if (s->parts.has_edge)
		edge_config_check(&s->edge, mistakes);
	if (s->parts.only_migrates)
		return;
	if (mistakes->len == 0)
		check_keys(&s->process, mistakes);
	addresses_find(s, &arena, mistakes);
	tls_files_load(&s->process.rpc_tls, &arena, &s->tls, mistakes);
}

status settings_load(struct settings *s, const struct parts *parts)
{
	AUTO(buf_fini) struct buf mistakes = {.ceiling = MAX_TEXT};

	s->parts = *parts;
	load_parts(s, &mistakes);
	check_all(s, &mistakes);
	if (mistakes.len > 0) {
		buf_init(&s->mistakes, MAX_TEXT);
		add_new_lines(&s->mistakes, buf_str(&mistakes));
		buf_put_c(&s->mistakes, '\0');
		return status_error(CODE_INVALID_ARGUMENT, s->mistakes.ptr);
	}
	log_setup((enum log_level)s->process.log_level, (enum log_format)s->process.log_format);
	derive_keys(s);
	return STATUS_OK;
}

void settings_log_less(const struct settings *s)
{
	uint32_t level = s->process.log_level;

	log_setup(level < LOG_WARN ? LOG_WARN : (enum log_level)level,
	          (enum log_format)s->process.log_format);
}

const struct rpc_tls *settings_tls(const struct settings *s)
{
	return tls_files_are_given(&s->process.rpc_tls) ? &s->tls : NULL;
}

const char *settings_db_url(const struct settings *s, unsigned service)
{
	const char *own = s->database.service_db_url[service];

	return own[0] ? own : s->database.db_url;
}

static void print_part(const char *title, const struct config_field *fields)
{
	AUTO(buf_fini) struct buf out;

	if (fields[0].env == NULL)
		return;
	buf_init(&out, MAX_TEXT);
	config_print_help(fields, &out);
	printf("\n%s\n%.*s", title, STR_ARG(buf_str(&out)));
}

void settings_print_help(void)
{
	print_part("the process", process_fields);
	print_part("the edge", edge_config_fields);
	print_part("every service", database_fields);
	for (unsigned i = 0; i < PARTS_SERVICES; i++)
		print_part(parts_services[i]->name, parts_services[i]->config_fields);
}
