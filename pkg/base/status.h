/*
 * base/status.h - how a function says that it failed.
 *
 * Codes are google.rpc.Code's numbers, so there is one vocabulary from SQL to HTTP.
 * A message is for the caller: short, factual, lower case, no full stop, nothing of
 * the inside. What operators need is logged where the error is decided.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

struct arena; /* base/arena.h */

enum code {
	CODE_OK = 0,
	CODE_CANCELLED = 1,
	CODE_UNKNOWN = 2,
	CODE_INVALID_ARGUMENT = 3,
	CODE_DEADLINE_EXCEEDED = 4,
	CODE_NOT_FOUND = 5,
	CODE_ALREADY_EXISTS = 6,
	CODE_PERMISSION_DENIED = 7,
	CODE_RESOURCE_EXHAUSTED = 8,
	CODE_FAILED_PRECONDITION = 9,
	CODE_ABORTED = 10,
	CODE_OUT_OF_RANGE = 11,
	CODE_UNIMPLEMENTED = 12,
	CODE_INTERNAL = 13,
	CODE_UNAVAILABLE = 14,
	CODE_DATA_LOSS = 15,
	CODE_UNAUTHENTICATED = 16,
};

typedef struct status {
	enum code   code;
	const char *msg; /* NULL when OK; else static, or in the arena it was formatted into */
} status;

#define must_check __attribute__((warn_unused_result))

#define STATUS_OK ((status){CODE_OK, 0})

/* A failure with a message that lives as long as the program. */
#define status_error(code_, msg_) ((status){(code_), (msg_)})

/* A failure whose message is formatted into the arena. */
must_check status status_errorf(struct arena *a, enum code code, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* The canonical name ("NOT_FOUND"); "UNKNOWN" for a number that is none. */
const char *code_name(enum code code);

/* Returns from the calling function when expr fails. The only macro in the tree that returns. */
#define TRY(expr)                                                                                  \
	do {                                                                                       \
		status try_ = (expr);                                                              \
		if (try_.code != CODE_OK)                                                          \
			return try_;                                                               \
	} while (0)

#endif
