/*
 * log/log.h - one line per decision, as logfmt or JSON, with typed pairs.
 *
 * Libraries return errors; whoever decides what one means logs it, once. Never a token,
 * a password or a message's text. Values are escaped: no CR, LF or quote of a peer's
 * breaks a line.
 *
 *     log_warn("outbox relay is behind", LOG_U64("pending", n), LOG_MS("oldest", age_ms));
 *
 * Threads:  any; one write(2) a line to stderr. Process-wide, like the clock.
 */
#ifndef LOG_LOG_H
#define LOG_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };
enum log_format { LOG_LOGFMT, LOG_JSON };

struct log_pair {
	const char *key;
	enum { LOG_PAIR_STR, LOG_PAIR_I64, LOG_PAIR_U64, LOG_PAIR_BOOL, LOG_PAIR_DOUBLE } type;
	union {
		str      s;
		int64_t  i;
		uint64_t u;
		bool     b;
		double   d;
	};
};

/* Pairs; _MS and _US take durations in that unit and print "key_ms", "key_us". */
#define LOG_STR(k, v)  ((struct log_pair){.key = (k), .type = LOG_PAIR_STR, .s = (v)})
#define LOG_CSTR(k, v) LOG_STR(k, str_c(v))
#define LOG_I64(k, v)  ((struct log_pair){.key = (k), .type = LOG_PAIR_I64, .i = (int64_t)(v)})
#define LOG_U64(k, v)  ((struct log_pair){.key = (k), .type = LOG_PAIR_U64, .u = (uint64_t)(v)})
#define LOG_BOOL(k, v) ((struct log_pair){.key = (k), .type = LOG_PAIR_BOOL, .b = (v)})
#define LOG_MS(k, v)   LOG_I64(k "_ms", v)
#define LOG_US(k, v)   LOG_I64(k "_us", v)
#define LOG_CODE(st)   LOG_CSTR("code", code_name((st).code)) /* with LOG_REASON: a status */
#define LOG_REASON(st) LOG_CSTR("reason", (st).msg ? (st).msg : "")

/* Sets level and form; before threads start. The default is LOG_INFO, LOG_LOGFMT. */
void log_setup(enum log_level level, enum log_format format);

/* The level would print: to skip costly pairs. */
bool log_is_on(enum log_level level);

/* Writes one line; longer than 8 KiB it is cut. Prefer the macros. */
void log_write(enum log_level level, const char *message, const struct log_pair *pairs, size_t n);

#define log_at(level, message, ...)                                                                \
	log_write(level, message, (const struct log_pair[]){__VA_ARGS__ __VA_OPT__(, ){0}},        \
	          sizeof((const struct log_pair[]){__VA_ARGS__ __VA_OPT__(, ){0}}) /               \
	                          sizeof(struct log_pair) -                                        \
	                  1)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)  log_at(LOG_INFO, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)

#endif
