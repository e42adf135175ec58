/*
 * browser/browser.h - the pages as people use them: Chromium, driven by test/browser/NAME.test.mjs.
 */
#ifndef TEST_BROWSER_BROWSER_H
#define TEST_BROWSER_BROWSER_H

#include "test/e2e/e2e.h"

/* Runs the script with node against the first edge of the server; fails the test unless all that
 * the script claims holds. */
void browser_run(const struct server *s, const char *script);

#endif
