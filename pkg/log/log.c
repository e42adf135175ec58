#include "log/log.h"

#include "base/clock.h"
#include "base/rfc3339.h"
#include "log/line.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

/* Process-wide, as stderr is. Atomic, since a test may set them beside running threads. */
static _Atomic(enum log_level)  threshold = LOG_INFO;
static _Atomic(enum log_format) form = LOG_LOGFMT;

void log_setup(enum log_level level, enum log_format format)
{
	atomic_store_explicit(&threshold, level, memory_order_relaxed);
	atomic_store_explicit(&form, format, memory_order_relaxed);
}

bool log_is_on(enum log_level level)
{
	return level < LOG_OFF && level >= atomic_load_explicit(&threshold, memory_order_relaxed);
}

static str level_name(enum log_level level)
{
	switch (level) {
	case LOG_DEBUG:
		return STR("debug");
	case LOG_INFO:
		return STR("info");
	case LOG_WARN:
		return STR("warn");
	case LOG_ERROR:
	case LOG_OFF:
		break;
	}
	return STR("error");
}

/* A line goes out by one write(2), which the kernel does not interleave with another's. */
static void write_all(const char *p, size_t n)
{
	while (n > 0) {
		ssize_t wrote = write(STDERR_FILENO, p, n);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return; /* nobody is left to tell */
		p += wrote;
		n -= (size_t)wrote;
	}
}

void log_write(enum log_level level, const char *message, const struct log_pair *pairs, size_t n)
{
	int             saved_errno = errno;
	char            time[RFC3339_MS_BYTES];
	struct log_line line;

	if (!log_is_on(level))
		return;
	rfc3339_write_ms(clock_wall_us(), time);
	log_line_init(&line, atomic_load_explicit(&form, memory_order_relaxed));
	log_line_put(&line, &LOG_STR("time", ((str){time, sizeof time})));
	log_line_put(&line, &LOG_STR("level", level_name(level)));
	log_line_put(&line, &LOG_CSTR("msg", message));
	for (size_t i = 0; i < n; i++)
		log_line_put(&line, &pairs[i]);
	log_line_end(&line);
	write_all(line.bytes, line.len);
	errno = saved_errno;
}
