/*
 * config/value.h - where a field's text comes from, and what it means.
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

/*
 * Reads X, or for a secret the file that X_FILE names, into *out_text (kept for the life of the
 * process); NULL when neither is set. False, with the mistake appended, when it cannot be read.
 */
bool config_value_read(const struct config_field *f, const char **out_text, struct buf *mistakes);

/* Checks the text against the field and stores it at its place; false if it does not fit. */
bool config_value_store(const struct config_field *f, const char *text, void *out_struct);

/* Appends what a right value looks like: "a whole number from 1 to 256". */
void config_value_describe(const struct config_field *f, struct buf *out);

#endif
