/*
 * Design notes. A worker's loop listens and prints; the main thread waits for a signal. When there
 * is nothing more to print, the worker sends the process one.
 *
 * The facts of a service are followed as any consumer follows them, so none is missed, and the
 * topic is looked at here. The public stream is heard by its topic, and what is missed is missed.
 */
#include "services/canaduck/sub.h"

#include "base/clock.h"
#include "canaduck/events/v1/events.rpc.h"
#include "events/consumer.h"
#include "events/message.h"
#include "events/subscriber.h"
#include "fiber/fiber.h"
#include "log/log.h"
#include "rpc/client.h"
#include "runtime/worker.h"
#include "services/canaduck/event_json.h"
#include "services/canaduck/events_address.h"
#include "services/canaduck/settings.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	REACH_MS = 3000,
	LOOK_MS = 5,
	TIMEOUT_MS = 5000,
	MAX_LINE = 8 * 1024 * 1024,
	ARENA_BYTES = 16 * 1024 * 1024
};

static const char usage[] =
        "usage: canaduck sub [OPTION...] TOPIC\n"
        "\n"
        "Prints what a service tells, one line of JSON an event, until SIGINT. TOPIC begins with\n"
        "the name of the service: users, users.account or users.account.17 for all that is below\n"
        "it.\n"
        "\n"
        "  --after POSITION  begin behind a position of the past week; 0: with the first event\n"
        "  --count N         end after so many events\n"
        "  --public          hear what anybody may see, and signals; what is missed is missed\n"
        "  --at URL          where it is published, if it is not as configured\n";

struct sub {
	const struct settings        *settings;
	const struct runtime_address *address;
	struct arena                  arena;
	const char                   *topic, *at;
	bool                          is_public, has_after, has_ended;
	uint64_t                      after, count; /* count 0: without end */
	struct rpc_client            *client;
	struct events_consumer       *consumer;
	struct events_subscriber     *subscriber;
	struct buf                    line;
};

/* ---- printing ---- */

static void end(struct sub *s)
{
	if (!s->has_ended)
		kill(getpid(), SIGTERM);
	s->has_ended = true;
}

/* The topic itself, or one below it. */
static bool is_wanted(const struct sub *s, str topic)
{
	const str wanted = str_c(s->topic);

	if (!str_starts(topic, wanted))
		return false;
	return topic.len == wanted.len || topic.ptr[wanted.len] == '.' ||
	       str_ends(wanted, STR("."));
}

static void print(struct sub *s, const events_event *event)
{
	if (s->has_ended || !is_wanted(s, str_c(event->topic)))
		return;
	buf_reset(&s->line);
	if (event_json_print(&s->line, event).code != CODE_OK)
		return;
	if (fwrite(s->line.ptr, 1, s->line.len, stdout) != s->line.len || fflush(stdout) != 0)
		end(s);
	if (s->count > 0 && --s->count == 0)
		end(s);
}

/* ---- our own stream ---- */

static status find_last(struct sub *s, struct events_position *out_position)
{
	struct rpc_call       call;
	events_read_request   req;
	events_read_response *response;
	status                st;

	rpc_call_init(&call, clock_after_ms(TIMEOUT_MS));
	events_read_request_init(&req);
	st = events_client_read(s->client, &call, &req, &response);
	if (st.code == CODE_OK)
		*out_position = (struct events_position){response->epoch, response->last_position};
	rpc_call_fini(&call);
	return st;
}

static status on_load(void *arg, struct arena *a __attribute__((unused)),
                      struct events_position *out_position)
{
	struct sub *s = arg;

	if (!s->has_after)
		return status_error(CODE_NOT_FOUND, "from now on");
	*out_position = (struct events_position){.position = (int64_t)s->after};
	return STATUS_OK;
}

static status on_rebuild(void *arg, struct arena *a __attribute__((unused)),
                         struct events_position *out_position)
{
	struct sub *s = arg;

	if (s->has_after)
		fprintf(stderr, "the stream cannot go on from there; it goes on from now\n");
	return find_last(s, out_position);
}

static status on_events(void *arg, struct arena *a __attribute__((unused)),
                        const struct events_batch *batch)
{
	struct sub *s = arg;

	for (size_t i = 0; i < batch->n; i++)
		print(s, batch->events[i]);
	s->has_after = true;
	s->after = (uint64_t)batch->to.position;
	return STATUS_OK;
}

static void on_signal(void *arg, const events_event *event)
{
	print(arg, event);
}

static status wait_in_reach(struct sub *s)
{
	const int64_t until_ns = clock_after_ms(REACH_MS);

	while (!rpc_client_is_up(s->client)) {
		status st = fiber_suspend(clock_after_ms(LOOK_MS));

		if (st.code == CODE_CANCELLED || clock_now_ns() > until_ns)
			return status_error(CODE_UNAVAILABLE, "the service is not within reach");
	}
	return STATUS_OK;
}

static status follow(struct sub *s, struct runtime_worker *w)
{
	static const struct events_consumer_ops ops = {.on_load = on_load,
	                                               .on_rebuild = on_rebuild,
	                                               .on_events = on_events,
	                                               .on_signal = on_signal};
	const struct rpc_client_config          client = {.loop = runtime_worker_loop(w),
	                                                  .keys = &s->settings->keys,
	                                                  .name = STR("cli"),
	                                                  .tls = settings_tls(s->settings)};
	const struct events_consumer_config     consumer = {.loop = runtime_worker_loop(w),
	                                                    .fibers = runtime_worker_fibers(w),
	                                                    .service = s->address->service,
	                                                    .urls = s->at ? s->at : s->address->events,
	                                                    .tls = settings_tls(s->settings),
	                                                    .ops = &ops,
	                                                    .arg = s};
	struct events_consumer_config           cfg = consumer;

	TRY(rpc_client_new(&client, &s->client));
	TRY(runtime_address_link(s->settings->addresses, s->address->service, s->client));
	TRY(wait_in_reach(s));
	cfg.client = s->client;
	return events_consumer_new(&cfg, &s->consumer);
}

/* ---- the public's ---- */

static void on_message(void *arg)
{
	struct sub *s = arg;
	str         message;

	while (events_subscriber_take(s->subscriber, &message)) {
		events_event *event;

		if (events_message_read(&s->arena, message, &event).code == CODE_OK &&
		    event->kind != EVENTS_KIND_HEARTBEAT)
			print(s, event);
		arena_reset(&s->arena);
	}
}

static status hear_public(struct sub *s, struct runtime_worker *w)
{
	const char *urls = s->at ? s->at : events_address_of_public(&s->arena, s->address->urls);

	if (urls[0] == '\0')
		return status_error(CODE_INVALID_ARGUMENT,
		                    "its public address is not known: --at URL");
	return events_subscriber_new(
	        &(struct events_subscriber_config){.loop = runtime_worker_loop(w),
	                                           .urls = str_c(urls),
	                                           .is_public = true,
	                                           .tls = settings_tls(s->settings),
	                                           .prefix = str_c(s->topic),
	                                           .on_message = on_message,
	                                           .arg = s},
	        &s->subscriber);
}

/* ---- the worker ---- */

static status start(void *arg, struct runtime_worker *w)
{
	struct sub *s = arg;

	return s->is_public ? hear_public(s, w) : follow(s, w);
}

static void drain(void *arg)
{
	struct sub *s = arg;

	if (s->consumer)
		events_consumer_close(s->consumer);
}

static bool is_idle(void *arg)
{
	const struct sub *s = arg;

	return s->consumer == NULL || events_consumer_is_closed(s->consumer);
}

static void stop(void *arg)
{
	struct sub *s = arg;

	events_consumer_free(s->consumer);
	events_subscriber_free(s->subscriber);
	rpc_client_free(s->client);
}

static status run(struct sub *s)
{
	static const struct runtime_worker_ops ops = {
	        .start = start, .drain = drain, .is_idle = is_idle, .cancel = drain, .stop = stop};
	const struct runtime_worker_config cfg = {.name = "sub", .ops = &ops, .arg = s};
	struct runtime_worker             *worker;
	sigset_t                           signals;
	int                                number;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	TRY(runtime_worker_new(&cfg, &worker));
	sigwait(&signals, &number);
	runtime_worker_free(worker, TIMEOUT_MS);
	return STATUS_OK;
}

/* ---- the command line ---- */

static bool read_option(struct sub *s, const char *option, const char *value, bool *out_has_value)
{
	*out_has_value = true;
	if (strcmp(option, "--at") == 0)
		return (s->at = value) != NULL;
	if (strcmp(option, "--after") == 0)
		return s->has_after = value && str_to_u64(str_c(value), &s->after) &&
		                      s->after <= INT64_MAX;
	if (strcmp(option, "--count") == 0)
		return value && str_to_u64(str_c(value), &s->count) && s->count > 0;
	*out_has_value = false;
	return strcmp(option, "--public") == 0 ? s->is_public = true : false;
}

static bool read_options(struct sub *s, int argc, char **argv)
{
	bool has_value;
	int  i = 1;

	for (; i < argc && argv[i][0] == '-'; i += has_value ? 2 : 1)
		if (!read_option(s, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &has_value))
			return false;
	s->topic = i + 1 == argc ? argv[i] : NULL;
	return s->topic != NULL && s->topic[0] != '\0' && !(s->is_public && s->has_after);
}

static const struct runtime_address *find_service(const struct settings *settings, str topic)
{
	str name = topic, rest;

	str_cut(topic, '.', &name, &rest);
	for (unsigned i = 0; i < PARTS_SERVICES; i++)
		if (str_eq(str_c(settings->addresses[i].service), name))
			return &settings->addresses[i];
	return NULL;
}

static status perform(struct sub *s)
{
	static struct settings settings;

	TRY(settings_load(&settings, &(struct parts){0}));
	settings_log_less(&settings);
	s->settings = &settings;
	s->address = find_service(&settings, str_c(s->topic));
	if (s->address == NULL)
		return status_error(CODE_NOT_FOUND, "no service of that name");
	return run(s);
}

int sub_main(int argc, char **argv)
{
	struct sub s = {0};
	status     st;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		printf("%s", usage);
		return 0;
	}
	if (!read_options(&s, argc, argv)) {
		fprintf(stderr, "%s", usage);
		return 2;
	}
	arena_init(&s.arena, ARENA_BYTES);
	buf_init(&s.line, MAX_LINE);
	st = perform(&s);
	if (st.code != CODE_OK)
		fprintf(stderr, "%s\n", st.msg);
	buf_fini(&s.line);
	arena_fini(&s.arena);
	return st.code != CODE_OK;
}
