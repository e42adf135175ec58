/*
 * config/config.h - configuration by environment: one table a part, checked at start.
 *
 * A part declares a struct and a table of its fields; config_load() reads the
 * environment once, reports all mistakes together, and --help and the README print the
 * same table. A secret X may also come from the file that X_FILE names, and prints as ***.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

enum config_type { CONFIG_TYPE_STR, CONFIG_TYPE_U32, CONFIG_TYPE_BOOL, CONFIG_TYPE_ENUM };

struct config_field {
	const char        *env; /* NULL ends the table */
	const char        *help;
	enum config_type   type;
	size_t             offset;
	const char        *fallback; /* default as text; NULL: required */
	uint32_t           min, max; /* U32: value; STR: bytes */
	bool               is_secret;
	const char *const *choices; /* ENUM: NULL-ended; stored as uint32_t index */
};

/* Members are `const char *` (STR; never NULL, "" allowed), uint32_t (U32, ENUM), bool (BOOL:
 * 0/1/true/false). */
#define CONFIG_STR(s, m, env_, fallback_, help_)                                                   \
	{                                                                                          \
		.env = env_, .help = help_, .type = CONFIG_TYPE_STR, .offset = offsetof(s, m),     \
		.fallback = fallback_, .max = 4096                                                 \
	}
#define CONFIG_SECRET(s, m, env_, fallback_, min_, help_)                                          \
	{                                                                                          \
		.env = env_, .help = help_, .type = CONFIG_TYPE_STR, .offset = offsetof(s, m),     \
		.fallback = fallback_, .min = min_, .max = 4096, .is_secret = true                 \
	}
#define CONFIG_U32(s, m, env_, fallback_, min_, max_, help_)                                       \
	{                                                                                          \
		.env = env_, .help = help_, .type = CONFIG_TYPE_U32, .offset = offsetof(s, m),     \
		.fallback = #fallback_, .min = min_, .max = max_                                   \
	}
#define CONFIG_BOOL(s, m, env_, fallback_, help_)                                                  \
	{                                                                                          \
		.env = env_, .help = help_, .type = CONFIG_TYPE_BOOL, .offset = offsetof(s, m),    \
		.fallback = fallback_                                                              \
	}
#define CONFIG_ENUM(s, m, env_, fallback_, choices_, help_)                                        \
	{                                                                                          \
		.env = env_, .help = help_, .type = CONFIG_TYPE_ENUM, .offset = offsetof(s, m),    \
		.fallback = fallback_, .choices = choices_                                         \
	}

/*
 * Fills the struct from the environment. Mistakes are appended to `mistakes`, one line each,
 * "NAME: what is wrong" (a secret's value is never in it); call for every part, then check once.
 * Strings live as long as the process.
 */
void config_load(const struct config_field *fields, void *out_struct, struct buf *mistakes);

/* Appends the table for --help: name, default, meaning. */
void config_print_help(const struct config_field *fields, struct buf *out);

/* Appends NAME=value lines of what was loaded; secrets as ***. */
void config_print_values(const struct config_field *fields, const void *loaded, struct buf *out);

#endif
