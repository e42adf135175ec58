/*
 * e2e/shell.h - what somebody types: scripts, and the examples of README.md.
 */
#ifndef TEST_E2E_SHELL_H
#define TEST_E2E_SHELL_H

#include <stddef.h>

/*
 * Runs a script by bash in the root of the sources, for 60 s at most; it ends at the first command
 * that fails. What it said (both kinds), cut at size, is in output. 0, or how it failed.
 */
int shell_run(const char *script, char *output, size_t size);

/*
 * The block of shell below a heading of README.md, counted from 0, with one text replaced by
 * another (NULL: none). The caller frees it. Fails the test when there is none.
 */
char *shell_readme(const char *heading, unsigned block, const char *replaced, const char *by);

#endif
