/*
 * runtime/notify.h - tells a supervisor how we are: systemd's sd_notify(3) datagrams.
 *
 * Does nothing when NOTIFY_SOCKET named no socket.
 */
#ifndef RUNTIME_NOTIFY_H
#define RUNTIME_NOTIFY_H

/* Sends "READY=1\nSTATUS=..." or "STOPPING=1" to the socket (a path, or @name for an abstract one).
 */
void runtime_notify(const char *socket_address, const char *state);

#endif
