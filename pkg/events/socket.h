/*
 * events/socket.h - what publishers and subscribers have in common.
 */
#ifndef EVENTS_SOCKET_H
#define EVENTS_SOCKET_H

#include <stdint.h>

/* Messages that wait at either end for who is slow; the oldest give way then. */
enum { EVENTS_SOCKET_BUFFER = 8192 };

/* Closes an nng socket in bounded time; nothing may use it any more. */
void events_socket_close(uint32_t nng_id);

#endif
