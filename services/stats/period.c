#include "services/stats/period.h"

#define SECOND_US INT64_C(1000000)
#define HOUR_US   (3600 * SECOND_US)

enum { NS_PER_US = 1000 };

int64_t stats_period_us(const pb_timestamp *t)
{
	return t->seconds * SECOND_US + (t->nanos + NS_PER_US - 1) / NS_PER_US;
}

static int64_t clamp(int64_t us)
{
	if (us < 0)
		return 0;
	return us < STATS_PERIOD_MAX_US ? us : STATS_PERIOD_MAX_US;
}

struct stats_period stats_period_make(int64_t limit, const pb_timestamp *since,
                                      const pb_timestamp *until)
{
	const int64_t       from = since ? clamp(stats_period_us(since)) : 0;
	const int64_t       to = until ? clamp(stats_period_us(until)) : STATS_PERIOD_MAX_US;
	const int64_t       first = (from + HOUR_US - 1) / HOUR_US * HOUR_US;
	const int64_t       last = to / HOUR_US * HOUR_US;
	struct stats_period p = {.limit = limit,
	                         .is_all = since == NULL && until == NULL,
	                         .since = from,
	                         .until = to};

	if (first > last) {
		p.head_since = from;
		p.head_until = to;
		return p;
	}
	p.hours_since = first;
	p.hours_until = last;
	p.head_since = from;
	p.head_until = first;
	p.tail_since = last;
	p.tail_until = to;
	return p;
}
