/*
 * Design notes. The main thread starts the parts in the order in which they need each other and
 * then only waits for a signal; it drains them in the opposite order, so that whatever is under way
 * still finds what it needs: first the door closes, then the services end their calls. Draining
 * services together, each while the others still answer, would let a call end in UNAVAILABLE.
 */
#include "services/canaduck/serve.h"

#include "base/clock.h"
#include "edge/edge.h"
#include "edge/census.h"
#include "edge/sessions.h"
#include "log/log.h"
#include "runtime/notify.h"
#include "runtime/worker.h"
#include "services/canaduck/hosting.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { MAX_LOOPS = 64, REACH_MS = 10000, LOOK_MS = 5 };

struct serving {
	struct settings        settings;
	struct hosting         hosting;
	struct edge_host       edge_host;
	struct edge_sessions  *sessions;
	struct edge_census    *census;
	struct runtime_worker *edges[MAX_LOOPS], *private_port;
	uint16_t               port, metrics_port;
};

static status start_edges(struct serving *s)
{
	if (!s->settings.parts.has_edge)
		return STATUS_OK;
	s->sessions = edge_sessions_new();
	s->census = edge_census_new();
	s->edge_host = (struct edge_host){.cfg = &s->settings.edge,
	                                  .keys = &s->settings.keys,
	                                  .tls = settings_tls(&s->settings),
	                                  .services = parts_tables,
	                                  .addresses = s->settings.addresses,
	                                  .sessions = s->sessions,
	                                  .census = s->census,
	                                  .shares_port = s->settings.process.edge_loops > 1};
	for (unsigned i = 0; i < s->settings.process.edge_loops; i++) {
		TRY(edge_start(&s->edge_host, &s->edges[i], &s->port));
		s->settings.edge.port = s->port; /* where the next loops join, if it was 0 */
	}
	return STATUS_OK;
}

static status start_private_port(struct serving *s)
{
	return edge_private_start(s->settings.process.metrics_host,
	                          (uint16_t)s->settings.process.metrics_port, &s->private_port,
	                          &s->metrics_port);
}

static void stop(struct serving *s)
{
	/* All loops together: the door is closed at once, and one time limit holds for all. */
	for (unsigned i = 0; i < MAX_LOOPS; i++)
		runtime_worker_drain(s->edges[i], s->settings.process.drain_timeout_ms);
	for (unsigned i = 0; i < MAX_LOOPS; i++)
		runtime_worker_free(s->edges[i], 0);
	edge_sessions_free(s->sessions);
	edge_census_free(s->census);
	hosting_stop(&s->hosting);
	runtime_worker_free(s->private_port, 0);
}

static void announce(const struct serving *s)
{
	char state[256];

	snprintf(state, sizeof state, "READY=1\nSTATUS=listening on port %u, metrics on port %u",
	         s->port, s->metrics_port);
	runtime_notify(s->settings.process.notify_socket, state);
	log_info("serving", LOG_CSTR("host", s->settings.edge.host), LOG_U64("port", s->port),
	         LOG_U64("metrics_port", s->metrics_port));
}

static bool is_ready(const struct serving *s)
{
	for (unsigned i = 0; i < MAX_LOOPS; i++)
		if (!runtime_worker_is_ready(s->edges[i]))
			return false;
	return hosting_is_ready(&s->hosting);
}

/*
 * Parts that start together find each other within moments, and nobody should be sent here before.
 * But one that is away must not keep us: after a while we serve without it. The number of a signal
 * that came meanwhile, or 0.
 */
static int wait_ready(const struct serving *s, const sigset_t *signals)
{
	const struct timespec look = {.tv_nsec = LOOK_MS * CLOCK_NS_PER_MS};
	int64_t               until_ns = clock_after_ms(REACH_MS);

	while (!is_ready(s)) {
		int number = sigtimedwait(signals, NULL, &look);

		if (number > 0)
			return number;
		if (clock_now_ns() > until_ns) {
			log_warn("serving, though another service is not within reach");
			break;
		}
	}
	return 0;
}

static status run(struct serving *s, const sigset_t *signals)
{
	int number;

	/* Until something runs, a signal may simply end us: a migration is a transaction. */
	TRY(hosting_migrate(&s->settings));
	pthread_sigmask(SIG_BLOCK, signals, NULL);
	TRY(hosting_start(&s->hosting, &s->settings));
	TRY(start_edges(s));
	TRY(start_private_port(s));
	number = wait_ready(s, signals);
	if (number == 0) {
		announce(s);
		sigwait(signals, &number);
	}
	log_info("stopping", LOG_CSTR("signal", strsignal(number)));
	runtime_notify(s->settings.process.notify_socket, "STOPPING=1");
	return STATUS_OK;
}

/* Shells give 1,024 descriptors, though more are to be had; each connection wants one. */
static void take_descriptors(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

int serve_main(int argc, char **argv)
{
	static struct serving s; /* as large as a process is long */
	struct parts          parts;
	sigset_t              signals;
	status                st;

	if (!parts_choose(argc - 1, argv + 1, &parts)) {
		fprintf(stderr,
		        "usage: canaduck serve all | edge | users | channels | messages | stats | "
		        "incidents\n");
		return 2;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	signal(SIGPIPE, SIG_IGN);

	st = settings_load(&s.settings, &parts);
	if (st.code != CODE_OK) {
		fprintf(stderr, "%s", st.msg);
		return 2;
	}
	take_descriptors();
	st = run(&s, &signals);
	if (st.code != CODE_OK)
		log_error("cannot serve", LOG_CODE(st), LOG_REASON(st));
	stop(&s);
	return st.code == CODE_OK ? 0 : 1;
}
