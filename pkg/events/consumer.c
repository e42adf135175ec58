/*
 * Design notes. One fiber, in one of three moods: it does not know where it stands; or it reads
 * from the service until it is level with it; or it listens. Whatever it does not like of what it
 * hears makes it read again: nothing that was heard is kept for later, and what was read already
 * is dropped when it is heard. So a wrong suspicion costs a call and nothing else.
 *
 * Only a heartbeat shows that the stream is alive; facts may come late from a relay that lost its
 * lease. A message of another epoch proves nothing either, for the same reason: the answer to Read
 * tells which one holds, and the other is passed over from then on.
 */
#include "events/consumer.h"

#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/events/v1/events.rpc.h"
#include "events/message.h"
#include "events/subscriber.h"
#include "fiber/fiber.h"
#include "log/log.h"
#include "rpc/call.h"
#include "rpc/client.h"

#include <stdio.h>

enum {
	SILENCE_MS = 1000,
	READ_AGAIN_MS = 250, /* while it is silent */
	REDIAL_MS = 5000,    /* likewise */
	READ_LIMIT = 500,
	READ_TIMEOUT_MS = 5000,
	MIN_PAUSE_MS = 50,
	MAX_PAUSE_MS = 1000,
	MAX_BATCH = 128,
	MAX_SERVICE = 64,
	ARENA_BYTES = 128 * 1024 * 1024
};

struct events_consumer {
	struct events_consumer_config cfg;
	struct events_subscriber     *subscriber;
	struct rpc_call               call;
	struct arena                  arena; /* of one step */
	struct fiber                 *fiber; /* NULL: it has ended */
	struct events_position        at;
	bool                          has_position, must_rebuild, must_read, is_complete;
	bool          is_fresh;   /* the position is a snapshot's, and was not read from yet */
	bool          is_failing; /* and that was logged */
	bool          is_rung;    /* messages may be there */
	int64_t       heard_ns;   /* the last heartbeat; 0: none */
	int64_t       read_ns;    /* when to read again, if it is silent */
	int64_t       redial_ns;  /* and to connect anew */
	int64_t       past_epoch; /* what is told of it is not heard; 0: none */
	uint32_t      pause_ms;   /* after the next failure */
	events_event *batch[MAX_BATCH];
	size_t        n_batch;
};

static int64_t silent_from_ns(const struct events_consumer *c)
{
	return c->heard_ns ? c->heard_ns + c->cfg.silence_ms * CLOCK_NS_PER_MS : 0;
}

bool events_consumer_is_complete(const struct events_consumer *c)
{
	return c->is_complete && clock_now_ns() < silent_from_ns(c);
}

static void set_complete(struct events_consumer *c, bool is_complete)
{
	if (c->is_complete == is_complete)
		return;
	c->is_complete = is_complete;
	if (c->cfg.ops->on_complete)
		c->cfg.ops->on_complete(c->cfg.arg, is_complete);
}

static void suspect(struct events_consumer *c)
{
	c->must_read = true;
	set_complete(c, false);
}

/* ---- where it stands ---- */

static status find_position(struct events_consumer *c)
{
	const struct events_consumer_ops *ops = c->cfg.ops;
	status st = status_error(CODE_NOT_FOUND, "the position is not known");

	set_complete(c, false);
	if (ops->on_load && !c->must_rebuild)
		st = ops->on_load(c->cfg.arg, &c->arena, &c->at);
	c->is_fresh = st.code == CODE_NOT_FOUND;
	if (c->is_fresh)
		st = ops->on_rebuild(c->cfg.arg, &c->arena, &c->at);
	if (st.code == CODE_ABORTED)
		c->must_rebuild = false;
	TRY(st);
	c->has_position = true;
	c->must_rebuild = false;
	c->must_read = true;
	return STATUS_OK;
}

/* The next n facts, after the position. Nothing is known of it any more when this fails. */
static status apply(struct events_consumer *c, events_event *const *events, size_t n)
{
	const struct events_batch batch = {
	        .events = events,
	        .n = n,
	        .from = c->at,
	        .to = {events[n - 1]->epoch, events[n - 1]->position},
	};
	const status st = c->cfg.ops->on_events(c->cfg.arg, &c->arena, &batch);

	if (st.code != CODE_OK) {
		c->has_position = false;
		set_complete(c, false);
		return st;
	}
	c->at = batch.to;
	return STATUS_OK;
}

/* ---- reading ---- */

static bool has_no_gaps(const struct events_consumer *c, const events_read_response *r)
{
	for (size_t i = 0; i < r->n_events; i++)
		if (r->events[i]->position != c->at.position + 1 + (int64_t)i ||
		    r->events[i]->epoch != r->epoch)
			return false;
	return true;
}

static status take_answer(struct events_consumer *c, const events_read_response *r)
{
	if (!has_no_gaps(c, r) || (r->n_events == 0 && r->last_position > c->at.position))
		return status_error(CODE_DATA_LOSS, "events are missing from an answer");
	if (r->n_events > 0)
		TRY(apply(c, r->events, r->n_events));
	c->is_fresh = false;
	c->at.epoch = r->epoch;
	c->must_read = r->last_position > c->at.position;
	c->read_ns = clock_after_ms(READ_AGAIN_MS);
	return STATUS_OK;
}

static status read_on(struct events_consumer *c)
{
	events_read_request   req;
	events_read_response *response;
	status                st;

	rpc_call_reuse(&c->call);
	c->call.deadline_ns = clock_after_ms(READ_TIMEOUT_MS);
	c->call.request_id = STR("events");
	events_read_request_init(&req);
	req.epoch = c->at.epoch;
	req.after = c->at.position;
	req.limit = READ_LIMIT;
	st = events_client_read(c->cfg.client, &c->call, &req, &response);
	if (st.code == CODE_OK)
		return take_answer(c, response);
	set_complete(c, false);
	if (st.code != CODE_OUT_OF_RANGE)
		return st;
	log_info("a stream is followed anew", LOG_CSTR("service", c->cfg.service),
	         LOG_I64("epoch", c->at.epoch), LOG_I64("position", c->at.position),
	         LOG_REASON(st));
	c->has_position = false;
	c->must_rebuild = true;
	/* After a snapshot that is of no use, the next one is not taken at once. */
	return c->is_fresh ? st : STATUS_OK;
}

/* ---- listening ---- */

static status flush(struct events_consumer *c)
{
	const size_t n = c->n_batch;

	c->n_batch = 0;
	return n > 0 ? apply(c, c->batch, n) : STATUS_OK;
}

/* Position of the last fact that is applied, or about to be. */
static int64_t last_position(const struct events_consumer *c)
{
	return c->at.position + (int64_t)c->n_batch;
}

static void hear_fact(struct events_consumer *c, events_event *event)
{
	const int64_t last = last_position(c);

	if (event->position == last + 1)
		c->batch[c->n_batch++] = event;
	else if (event->position > last)
		suspect(c);
}

static status hear_heartbeat(struct events_consumer *c, const events_event *event)
{
	if (event->position > last_position(c)) {
		suspect(c);
		return STATUS_OK;
	}
	TRY(flush(c));
	c->heard_ns = clock_now_ns();
	c->redial_ns = c->heard_ns + REDIAL_MS * CLOCK_NS_PER_MS;
	set_complete(c, true);
	return STATUS_OK;
}

static status hear(struct events_consumer *c, str message)
{
	events_event *event;

	/* What is none of ours is nothing to mend: positions tell what is missing. */
	if (events_message_read(&c->arena, message, &event).code != CODE_OK ||
	    !str_eq(str_c(event->service), str_c(c->cfg.service)))
		return STATUS_OK;
	if (event->kind == EVENTS_KIND_SIGNAL) {
		if (c->cfg.ops->on_signal)
			c->cfg.ops->on_signal(c->cfg.arg, event);
		return STATUS_OK;
	}
	if (event->epoch != c->at.epoch) {
		if (event->epoch != c->past_epoch)
			suspect(c);
		c->past_epoch = event->epoch;
		return STATUS_OK;
	}
	if (event->kind == EVENTS_KIND_FACT)
		hear_fact(c, event);
	else if (event->kind == EVENTS_KIND_HEARTBEAT)
		return hear_heartbeat(c, event);
	return STATUS_OK;
}

/* Applies what was heard, together as far as it goes. */
static status listen(struct events_consumer *c)
{
	str message;

	c->n_batch = 0;
	while (!c->must_read && c->has_position && c->n_batch < MAX_BATCH) {
		if (!events_subscriber_take(c->subscriber, &message)) {
			c->is_rung = false;
			break;
		}
		TRY(hear(c, message));
	}
	return c->has_position ? flush(c) : STATUS_OK;
}

/* ---- life ---- */

static bool is_silent(const struct events_consumer *c)
{
	return clock_now_ns() >= silent_from_ns(c);
}

static void endure_silence(struct events_consumer *c)
{
	set_complete(c, false);
	if (clock_now_ns() >= c->read_ns)
		c->must_read = true;
	if (clock_now_ns() >= c->redial_ns) {
		events_subscriber_redial(c->subscriber);
		c->redial_ns = clock_after_ms(REDIAL_MS);
	}
}

/* One step of what is to be done next. */
static status step(struct events_consumer *c)
{
	if (is_silent(c))
		endure_silence(c);
	if (!c->has_position)
		TRY(find_position(c));
	if (c->must_read)
		return read_on(c);
	return listen(c);
}

static bool has_work(const struct events_consumer *c)
{
	return !c->has_position || c->must_read || c->is_rung;
}

static bool sleep_until(int64_t until_ns)
{
	while (clock_now_ns() < until_ns)
		if (fiber_suspend(until_ns).code == CODE_CANCELLED)
			return false;
	return true;
}

/* Waits until there is work; false when it is to end. */
static bool wait(struct events_consumer *c)
{
	while (!has_work(c)) {
		const int64_t until_ns = is_silent(c) ? c->read_ns : silent_from_ns(c);

		if (until_ns <= clock_now_ns())
			return !fiber_is_cancelled();
		if (fiber_suspend(until_ns).code == CODE_CANCELLED)
			return false;
	}
	return !fiber_is_cancelled();
}

/* What lasts is told, and its end; another process's lead is no trouble. */
static bool recover(struct events_consumer *c, status st)
{
	const int64_t until_ns = clock_after_ms(c->pause_ms);

	if (st.code != CODE_ABORTED && st.code != CODE_CANCELLED && !c->is_failing &&
	    c->pause_ms >= MAX_PAUSE_MS) {
		log_warn("a stream cannot be followed", LOG_CSTR("service", c->cfg.service),
		         LOG_CODE(st), LOG_REASON(st));
		c->is_failing = true;
	}
	set_complete(c, false);
	c->must_read = true;
	c->pause_ms = c->pause_ms * 2 < MAX_PAUSE_MS ? c->pause_ms * 2 : MAX_PAUSE_MS;
	return sleep_until(until_ns);
}

static void recovered(struct events_consumer *c)
{
	c->pause_ms = MIN_PAUSE_MS;
	if (c->is_failing && c->has_position && !c->must_read) {
		log_info("a stream is followed again", LOG_CSTR("service", c->cfg.service));
		c->is_failing = false;
	}
}

static void run(void *arg)
{
	struct events_consumer *c = arg;
	bool                    goes_on = true;

	fiber_set_label("events consumer");
	while (goes_on) {
		const status st = step(c);

		arena_reset(&c->arena);
		if (st.code != CODE_OK) {
			goes_on = recover(c, st);
		} else {
			recovered(c);
			/* Others have their turn, however much there is to do. */
			goes_on = has_work(c) ? fiber_yield().code != CODE_CANCELLED : wait(c);
		}
	}
	set_complete(c, false);
	c->fiber = NULL;
}

static void on_message(void *arg)
{
	struct events_consumer *c = arg;

	c->is_rung = true;
	if (c->fiber)
		fiber_wake(c->fiber);
}

status events_consumer_new(const struct events_consumer_config *cfg,
                           struct events_consumer             **out_consumer)
{
	struct events_consumer *c = mem_zalloc(sizeof *c);
	char                    prefix[MAX_SERVICE];
	status                  st;

	snprintf(prefix, sizeof prefix, "%s.", cfg->service);
	c->cfg = *cfg;
	if (c->cfg.silence_ms == 0)
		c->cfg.silence_ms = SILENCE_MS;
	c->pause_ms = MIN_PAUSE_MS;
	c->redial_ns = clock_after_ms(REDIAL_MS);
	arena_init(&c->arena, ARENA_BYTES);
	rpc_call_init(&c->call, 0);
	st = events_subscriber_new(&(struct events_subscriber_config){.loop = cfg->loop,
	                                                              .urls = str_c(cfg->urls),
	                                                              .prefix = str_c(prefix),
	                                                              .tls = cfg->tls,
	                                                              .on_message = on_message,
	                                                              .arg = c},
	                           &c->subscriber);
	if (st.code == CODE_OK)
		st = fiber_spawn(cfg->fibers, run, c, CLOCK_NEVER, &c->fiber);
	if (st.code != CODE_OK) {
		events_consumer_free(c);
		return st;
	}
	*out_consumer = c;
	return STATUS_OK;
}

void events_consumer_close(struct events_consumer *c)
{
	if (c->fiber)
		fiber_cancel(c->fiber);
}

bool events_consumer_is_closed(const struct events_consumer *c)
{
	return c->fiber == NULL;
}

void events_consumer_free(struct events_consumer *c)
{
	if (c == NULL)
		return;
	events_subscriber_free(c->subscriber);
	rpc_call_fini(&c->call);
	arena_fini(&c->arena);
	mem_free(c);
}
