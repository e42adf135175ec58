/*
 * messages/page.h - pages of messages: a limit, an offset, and numbers that bound them.
 */
#ifndef SERVICES_MESSAGES_PAGE_H
#define SERVICES_MESSAGES_PAGE_H

#include "db/query.h"

enum { MESSAGES_PAGE_LIMIT = 50 };

/* SQL: INT64_MAX, above every number. */
#define MESSAGES_PAGE_NO_BOUND "9223372036854775807"

/* SQL: past how many reactions a page ends. */
#define MESSAGES_PAGE_MAX_REACTIONS "10000"

struct messages_page {
	int64_t limit, offset, before, after;
	bool    has_before, has_after;
};

/* The page that a request of this type asks for. */
#define MESSAGES_PAGE(type, req)                                                                   \
	((struct messages_page){                                                                   \
	        .limit = type##_has_limit(req) ? (req)->limit : MESSAGES_PAGE_LIMIT,               \
	        .offset = type##_has_offset(req) ? (req)->offset : 0,                              \
	        .before = type##_has_before(req) ? (req)->before : INT64_MAX,                      \
	        .after = type##_has_after(req) ? (req)->after : 0,                                 \
	        .has_before = type##_has_before(req),                                              \
	        .has_after = type##_has_after(req),                                                \
	})

/*
 * SQL: a page of the messages that a condition on $1 picks. Numbers are bounded by $2 (below) and
 * $3 (above), limited by $4, after $5 are passed over in the direction given; shown in the order
 * given. Reactions are counted in the direction of the page, whose first message is always there.
 */
/* clang-format off */
#define MESSAGES_PAGE_SELECT(condition, direction, shown)                                          \
	"SELECT " MESSAGES_ROW_COLUMNS                                                             \
	"  FROM (SELECT " MESSAGES_ROW_RAW ","                                                      \
	"               sum(reaction_count) OVER (ORDER BY id " direction ")"                       \
	"                       - reaction_count AS reactions_before"                              \
	"          FROM (SELECT " MESSAGES_ROW_RAW " FROM messages.messages"                       \
	"                 WHERE " condition " AND id < $2 AND id > $3"                             \
	"                 ORDER BY id " direction " LIMIT $4 OFFSET $5) AS page) AS counted"       \
	" WHERE reactions_before <= " MESSAGES_PAGE_MAX_REACTIONS                                  \
	" ORDER BY id " shown
/* clang-format on */

/* The parameters of that: $1 is `of`. */
#define MESSAGES_PAGE_ARGS(page, of)                                                               \
	DB_ARGS(DB_I64(of), DB_I64((page).before), DB_I64((page).after), DB_I64((page).limit),     \
	        DB_I64((page).offset))

#endif
