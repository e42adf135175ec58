#include "test/e2e/incident.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"

struct http_response incident_report(const struct server *s, const char *token, int type,
                                     double lat, double lon)
{
	return http_postf(s->port, "/incidents", token,
	                  "{\"type_id\":%d,\"lat\":%.10g,\"lon\":%.10g}", type, lat, lon);
}

int64_t incident_create(const struct server *s, const char *token, int type, double lat, double lon)
{
	struct http_response r = incident_report(s, token, type, lat, lon);
	int64_t              id;

	assert_http(r, 201);
	id = http_int(&r, "id");
	assert_true(id > 0);
	http_response_free(&r);
	return id;
}

struct http_response incident_say(const struct server *s, const char *token, int64_t id,
                                  bool is_still_present)
{
	return http_postf(s->port, "/incidents/interactions", token,
	                  "{\"incident_id\":%" PRId64 ",\"is_still_present\":%s}", id,
	                  is_still_present ? "true" : "false");
}

struct http_response incident_list(const struct server *s, const char *token, const char *format,
                                   ...)
{
	char    path[1024] = "/incidents";
	size_t  len = strlen(path);
	va_list ap;

	va_start(ap, format);
	vsnprintf(path + len, sizeof path - len, format, ap);
	va_end(ap);
	return http_get(s->port, path, token);
}

const char *incident_ids(const struct http_response *r)
{
	static char ids[1024];
	size_t      len = 0, i;
	json_t     *incident;

	ids[0] = '\0';
	json_array_foreach(r->json, i, incident)
	{
		len += (size_t)snprintf(ids + len, sizeof ids - len, "%s%lld", i ? " " : "",
		                        json_integer_value(json_object_get(incident, "id")));
		assert_true(len < sizeof ids);
	}
	return ids;
}

int64_t incident_retry_after(const struct http_response *r)
{
	const char *seconds = http_header(r, "retry-after");

	assert_non_null(seconds);
	return strtoll(seconds, NULL, 10);
}

void incident_crowd(const struct server *s, const char *prefix, struct e2e_account *crowd, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char pseudo[33];

		snprintf(pseudo, sizeof pseudo, "%s%zu", prefix, i + 1);
		crowd[i] = e2e_register(s, pseudo);
	}
}

static void run(const struct server *s, const char *statements)
{
	struct sql sql;

	sql_open(&sql, s->db_url);
	sql_run(&sql, statements);
	sql_close(&sql);
}

void incident_age(const struct server *s, int64_t id, int seconds)
{
	char statements[1024];

	snprintf(statements, sizeof statements,
	         "UPDATE incidents.incidents SET created_time = created_time - interval '%d s',"
	         " updated_time = updated_time - interval '%d s',"
	         " certified_time = certified_time - interval '%d s',"
	         " deleted_time = deleted_time - interval '%d s' WHERE id = %" PRId64 ";"
	         "UPDATE incidents.interactions SET created_time = created_time - interval '%d s'"
	         " WHERE incident_id = %" PRId64 ";",
	         seconds, seconds, seconds, seconds, id, seconds, id);
	run(s, statements);
}

void incident_rest(const struct server *s, int64_t account_id, int seconds)
{
	char statement[256];

	snprintf(statement, sizeof statement,
	         "UPDATE incidents.reporters SET reported_time = reported_time - interval '%d s'"
	         " WHERE account_id = %" PRId64 ";",
	         seconds, account_id);
	run(s, statement);
}

int64_t incident_number(const struct server *s, const char *format, ...)
{
	struct sql sql;
	char       statement[1024];
	int64_t    number;
	va_list    ap;

	va_start(ap, format);
	vsnprintf(statement, sizeof statement, format, ap);
	va_end(ap);
	sql_open(&sql, s->db_url);
	number = sql_number(&sql, statement);
	sql_close(&sql);
	return number;
}

int64_t incident_count_events(const struct server *s, int64_t id, const char *type)
{
	return incident_number(
	        s,
	        "SELECT count(*) FROM incidents.incidents AS i"
	        "  CROSS JOIN LATERAL ST_GeoHash(i.place::geometry, 5) AS hash"
	        "  JOIN incidents.outbox AS o"
	        "    ON o.topic = 'incidents.' || left(hash, 3) || '.' || right(hash, 2)"
	        " WHERE i.id = %" PRId64 " AND o.type LIKE '%%.Incident%s' AND o.is_public;",
	        id, type);
}
