/*
 * e2e/incident.h - what tests of incidents share.
 *
 * Tests of one server report far from each other, or they would confirm each other's incidents.
 */
#ifndef TEST_E2E_INCIDENT_H
#define TEST_E2E_INCIDENT_H

#include "test/e2e/room.h"

enum {
	INCIDENT_ACCIDENT = 1,
	INCIDENT_CLOSED_ROAD,
	INCIDENT_JAM,
	INCIDENT_POLICE,
	INCIDENT_OBSTACLE
};

/* POST /incidents. */
struct http_response incident_report(const struct server *s, const char *token, int type,
                                     double lat, double lon);

/* The same, which must create one; its number. */
int64_t incident_create(const struct server *s, const char *token, int type, double lat,
                        double lon);

/* POST /incidents/interactions. */
struct http_response incident_say(const struct server *s, const char *token, int64_t id,
                                  bool is_still_present);

/* "GET /incidents<rest>", which is printed. */
struct http_response incident_list(const struct server *s, const char *token, const char *format,
                                   ...) __attribute__((format(printf, 3, 4)));

/* The numbers of a list, "3 1 2"; in static memory until the next call. */
const char *incident_ids(const struct http_response *r);

/* When an answer wants to be asked again, in seconds. */
int64_t incident_retry_after(const struct http_response *r);

/* Registers so many accounts: prefix1, prefix2 and so on. */
void incident_crowd(const struct server *s, const char *prefix, struct e2e_account *crowd,
                    size_t n);

/*
 * How many events of the type ("Created", "Certified", "Deleted") tell of the incident, which is
 * the only one in its cell of some 5 km.
 */
int64_t incident_count_events(const struct server *s, int64_t id, const char *type);

/* ---- the clock: the service knows no other times than those of its rows ---- */

/* Everything about an incident and all that was said of it happened so much earlier. */
void incident_age(const struct server *s, int64_t id, int seconds);

/* What the account last reported was so much earlier. */
void incident_rest(const struct server *s, int64_t account_id, int seconds);

/* The number that a statement about the database gives; it is printed. */
int64_t incident_number(const struct server *s, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

#endif
