#include "events/socket.h"

#include <nng/nng.h>
#include <pthread.h>
#include <stdint.h>
#include <time.h>

enum { CLOSE_S = 2 };

static void *close_socket(void *arg)
{
	nng_close((nng_socket){(uint32_t)(uintptr_t)arg});
	return NULL;
}

/*
 * nng 1.5 does not end the reading of a message that it began, when its connection is closed
 * between head and body: nng_close() then waits for ever. If that happens the socket is left to
 * itself rather than the loop to hang.
 */
void events_socket_close(uint32_t nng_id)
{
	struct timespec end;
	pthread_t       thread;

	if (pthread_create(&thread, NULL, close_socket, (void *)(uintptr_t)nng_id) != 0)
		return;
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += CLOSE_S;
	if (pthread_timedjoin_np(thread, NULL, &end) != 0)
		pthread_detach(thread);
}
