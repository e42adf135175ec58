/*
 * support/port.h - ports for tests to listen on.
 */
#ifndef TEST_SUPPORT_PORT_H
#define TEST_SUPPORT_PORT_H

#include <stdint.h>

/* A TCP port of loopback that nobody uses now; what takes it in between is bad luck. */
uint16_t port_free(void);

#endif
