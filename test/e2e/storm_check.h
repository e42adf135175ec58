/*
 * e2e/storm_check.h - holds the databases to what the clients of a storm were told.
 */
#ifndef TEST_E2E_STORM_CHECK_H
#define TEST_E2E_STORM_CHECK_H

#include "test/e2e/storm.h"

extern const char *const storm_channels[STORM_CHANNELS];

/* After all clients ended. What does not fit fails the test, named. */
void storm_check_ledger(struct storm *s);
void storm_check_statistics(struct storm *s);

#endif
