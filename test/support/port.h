/*
 * support/port.h - ports for tests to listen on.
 */
#ifndef TEST_SUPPORT_PORT_H
#define TEST_SUPPORT_PORT_H

#include <stdint.h>

/* A TCP port of loopback that nobody uses now, another one each time. One thread only. */
uint16_t port_free(void);

#endif
