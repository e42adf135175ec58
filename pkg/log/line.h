/*
 * log/line.h - one log line in the making, in storage of its own: no heap, no lock.
 *
 * A line that grows too long is cut and stays well formed: a string ends early, a pair that
 * does not fit is left out, and so is everything after it.
 */
#ifndef LOG_LINE_H
#define LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "log/log.h"

enum { LOG_LINE_BYTES = 8192 };

struct log_line {
	enum log_format format;
	bool            is_cut;
	size_t          len;
	char            bytes[LOG_LINE_BYTES];
};

/* Starts an empty line. */
void log_line_init(struct log_line *l, enum log_format format);

/* Adds a pair; keys are our own words and are not escaped. */
void log_line_put(struct log_line *l, const struct log_pair *pair);

/* Adds what ends a line, the LF included. Nothing may follow. */
void log_line_end(struct log_line *l);

#endif
