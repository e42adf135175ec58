#include "base/clock.h"

#include <time.h>

int64_t clock_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * CLOCK_NS_PER_S + t.tv_nsec;
}

int64_t clock_wall_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_after_ms(int64_t ms)
{
	int64_t now = clock_now_ns();

	if (ms > (CLOCK_NEVER - now) / CLOCK_NS_PER_MS)
		return CLOCK_NEVER;
	if (ms < -(now / CLOCK_NS_PER_MS))
		return 0;
	return now + ms * CLOCK_NS_PER_MS;
}
