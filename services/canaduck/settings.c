#include "services/canaduck/settings.h"

#include "base/mem.h"
#include "log/log.h"

#include <stdio.h>

enum { PRODUCTION, DEVELOPMENT, MAX_TEXT = 65536 };

static const char *const environments[] = {"production", "development", NULL};
static const char *const levels[] = {"debug", "info", "warn", "error", "off", NULL};
static const char *const formats[] = {"logfmt", "json", NULL};

#define FIELD(type, member, ...) CONFIG_##type(struct process_config, member, __VA_ARGS__)

static const struct config_field process_fields[] = {
        FIELD(ENUM, environment, "ENV", "production", environments,
              "production or development; production refuses development secrets"),
        FIELD(ENUM, log_level, "LOG_LEVEL", "info", levels, "debug, info, warn, error or off"),
        FIELD(ENUM, log_format, "LOG_FORMAT", "logfmt", formats, "logfmt or json"),
        FIELD(SECRET, db_url, "DB_URL", NULL, 1, "PostgreSQL, as postgresql://user@host/database"),
        FIELD(SECRET, migrate_db_url, "MIGRATE_DB_URL", "", 0,
              "PostgreSQL for migrations, if they need more rights; else each service's own"),
        FIELD(SECRET, service_db_url[0], "USERS_DB_URL", "", 0, "PostgreSQL of users; else DB_URL"),
        FIELD(SECRET, service_db_url[1], "CHANNELS_DB_URL", "", 0,
              "PostgreSQL of channels; else DB_URL"),
        FIELD(SECRET, service_db_url[2], "MESSAGES_DB_URL", "", 0,
              "PostgreSQL of messages; else DB_URL"),
        FIELD(U32, db_read_connections, "DB_READ_CONNECTIONS", 4, 1, 64,
              "connections of a service that only read"),
        FIELD(U32, db_write_connections, "DB_WRITE_CONNECTIONS", 8, 1, 64,
              "connections of a service that write"),
        FIELD(U32, db_statement_timeout_ms, "DB_STATEMENT_TIMEOUT_MS", 10000, 10, 300000,
              "longest statement, in milliseconds"),
        FIELD(U32, db_lock_timeout_ms, "DB_LOCK_TIMEOUT_MS", 5000, 10, 300000,
              "longest wait for a lock, in milliseconds"),
        FIELD(U32, db_start_timeout_ms, "DB_START_TIMEOUT_MS", 30000, 0, 600000,
              "how long to wait for PostgreSQL at start, in milliseconds"),
        FIELD(SECRET, jwt_secret, "JWT_SECRET", NULL, 32, "signs access tokens; at least 32 bytes"),
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

static void check_production(const struct process_config *p, struct buf *mistakes)
{
	if (p->environment == PRODUCTION && str_starts(str_c(p->jwt_secret), STR("development")))
		buf_put(mistakes,
		        STR("JWT_SECRET: a development secret is refused in production\n"));
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

status settings_load(struct settings *s, bool with_edge)
{
	AUTO(buf_fini) struct buf mistakes = {.ceiling = MAX_TEXT};

	config_load(process_fields, &s->process, &mistakes);
	if (with_edge)
		config_load(edge_config_fields, &s->edge, &mistakes);
	for (unsigned i = 0; i < PARTS_SERVICES; i++) {
		s->services[i] = mem_zalloc(parts_services[i]->config_bytes);
		config_load(parts_services[i]->config_fields, s->services[i], &mistakes);
	}
	if (mistakes.len == 0)
		check_production(&s->process, &mistakes);
	if (mistakes.len == 0 && with_edge)
		edge_config_check(&s->edge, &mistakes);
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

const char *settings_db_url(const struct settings *s, unsigned service)
{
	const char *own = s->process.service_db_url[service];

	return own[0] ? own : s->process.db_url;
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
	for (unsigned i = 0; i < PARTS_SERVICES; i++)
		print_part(parts_services[i]->name, parts_services[i]->config_fields);
}
