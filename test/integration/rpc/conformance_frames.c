/* The promises of the seam itself (rpc/transport.h), below envelopes. */
#include "test/integration/rpc/conformance.h"

#include "base/clock.h"
#include "canaduck/rpc/v1/envelope.schema.h"
#include "fiber/fiber.h"
#include "pb/message.h"
#include "rpc/transport.h"

#include <string.h>

/* ---- a bare link to a server of the trial service ---- */

struct bare {
	struct stage_thread thread;
	const char         *url;
	str                 envelope; /* to be sent */
	struct rpc_link    *link;
	struct fiber       *fiber;
	bool                is_in_send, came_in_send;
	atomic_uint         n_replies, n_lost;
	char                reply[4096];
	size_t              reply_len;
	status              result;
};

static void on_bare_reply(void *arg, uint64_t call_id __attribute__((unused)), str envelope)
{
	struct bare *b = arg;

	b->came_in_send |= b->is_in_send;
	if (envelope.len <= sizeof b->reply) {
		memcpy(b->reply, envelope.ptr, envelope.len);
		b->reply_len = envelope.len;
	}
	atomic_fetch_add(&b->n_replies, 1);
	fiber_wake(b->fiber);
}

static void on_bare_lost(void *arg, uint64_t call_id __attribute__((unused)),
                         bool may_have_run __attribute__((unused)))
{
	struct bare *b = arg;

	atomic_fetch_add(&b->n_lost, 1);
	fiber_wake(b->fiber);
}

static void on_bare_state(void *arg, bool is_up __attribute__((unused)))
{
	fiber_wake(((struct bare *)arg)->fiber);
}

static void ask(void *arg)
{
	struct bare                 *b = arg;
	const struct rpc_link_events events = {on_bare_reply, on_bare_lost, on_bare_state, b};

	fiber_set_deadline(clock_after_ms(10000));
	b->fiber = fiber_current();
	b->result = rpc_transport_link(b->thread.loop, str_c(b->url), stage_tls, &events, &b->link);
	while (b->result.code == CODE_OK && !b->link->is_up)
		b->result = fiber_suspend(CLOCK_NEVER);
	if (b->result.code != CODE_OK)
		return;
	b->is_in_send = true;
	b->result = b->link->ops->send(b->link, 77, b->envelope);
	b->is_in_send = false;
	while (b->result.code == CODE_OK && atomic_load(&b->n_replies) == 0 &&
	       atomic_load(&b->n_lost) == 0)
		b->result = fiber_suspend(CLOCK_NEVER);
	b->link->ops->close(b->link);
}

/* Sends raw bytes to a server of the trial service; the code of its reply. */
static enum code code_of_reply_to(str envelope)
{
	struct stage_server server = {0};
	struct bare         b = {.envelope = envelope};
	struct arena        a;
	ProtobufCMessage   *reply;
	enum code           code;

	stage_server_start(&server, conformance_url());
	b.url = server.url;
	stage_thread_init(&b.thread);
	stage_do(&b.thread, ask, &b);
	stage_thread_fini(&b.thread);
	stage_server_stop(&server);
	assert_status(b.result, CODE_OK);
	assert_int_equal(atomic_load(&b.n_replies), 1);
	assert_false(b.came_in_send);
	arena_init(&a, 1 << 20);
	assert_status(
	        pb_unpack(&a, rpcv1_reply_schema.descriptor, (str){b.reply, b.reply_len}, &reply),
	        CODE_OK);
	code = (enum code)((const rpcv1_reply *)reply)->code;
	arena_fini(&a);
	return code;
}

TEST(a_malformed_envelope_is_refused_and_answered)
{
	assert_int_equal(code_of_reply_to(STR("\x0a\xff")), CODE_INVALID_ARGUMENT);
	/* Nothing but "timeout_ms: 100". */
	assert_int_equal(code_of_reply_to(STR("\x10\x64")), CODE_UNIMPLEMENTED);
}

TEST(fields_of_a_later_release_are_tolerated)
{
	/* method = 1, then field 1000, which no release has yet. */
	assert_int_equal(code_of_reply_to(STR("\x0a\x14/trial.v1.Trial/Echo"
	                                      "\xc2\x3e\x03xyz")),
	                 CODE_OK);
}

/* ---- many frames to a port that goes away ---- */

enum { FRAMES = 1000 };

struct sink {
	struct stage_thread thread;
	const char         *url;
	struct rpc_port    *port;
	atomic_uint         got[FRAMES + 1]; /* by call id */
	atomic_uint         n_got;
	status              result;
};

struct source {
	struct stage_thread thread;
	const char         *url;
	struct rpc_link    *link;
	struct fiber       *fiber;
	unsigned            n_sent, n_refused, n_ended;
	uint8_t             ended[FRAMES + 1], may_have_run[FRAMES + 1];
	bool                is_down_before_lost;
	status              result;
};

static void on_sink_request(void *arg, struct rpc_peer *peer, uint64_t call_id, str envelope)
{
	struct sink *s = arg;

	if (call_id <= FRAMES && envelope.len == call_id)
		atomic_fetch_add(&s->got[call_id], 1);
	atomic_fetch_add(&s->n_got, 1);
	if (call_id % 2 == 0)
		peer->port->ops->reply(peer, call_id, envelope);
}

static void on_sink_gone(void            *arg __attribute__((unused)),
                         struct rpc_peer *peer __attribute__((unused)))
{
}

static void open_sink(void *arg)
{
	struct sink                 *s = arg;
	const struct rpc_port_events events = {
	        .on_request = on_sink_request, .on_gone = on_sink_gone, .arg = s};

	s->result =
	        rpc_transport_listen(s->thread.loop, str_c(s->url), stage_tls, &events, &s->port);
}

static void close_sink(void *arg)
{
	struct sink *s = arg;

	s->port->ops->close(s->port);
}

static void end_frame(struct source *s, uint64_t id)
{
	s->ended[id]++;
	s->n_ended++;
	fiber_wake(s->fiber);
}

static void on_source_reply(void *arg, uint64_t call_id, str envelope __attribute__((unused)))
{
	struct source *s = arg;

	s->may_have_run[call_id] = 1;
	end_frame(s, call_id);
}

static void on_source_lost(void *arg, uint64_t call_id, bool may_have_run)
{
	struct source *s = arg;

	s->may_have_run[call_id] = may_have_run;
	end_frame(s, call_id);
}

static void on_source_state(void *arg, bool is_up)
{
	struct source *s = arg;

	if (!is_up && s->n_ended < s->n_sent)
		s->is_down_before_lost = true;
	fiber_wake(s->fiber);
}

static void pour(void *arg)
{
	struct source               *s = arg;
	const struct rpc_link_events events = {on_source_reply, on_source_lost, on_source_state, s};
	char                         envelope[FRAMES];

	memset(envelope, 'x', sizeof envelope);
	fiber_set_deadline(clock_after_ms(10000));
	s->fiber = fiber_current();
	s->result = rpc_transport_link(s->thread.loop, str_c(s->url), stage_tls, &events, &s->link);
	while (s->result.code == CODE_OK && !s->link->is_up)
		s->result = fiber_suspend(CLOCK_NEVER);
	for (uint64_t id = 1; s->result.code == CODE_OK && id <= FRAMES; id++) {
		if (s->link->ops->send(s->link, id, (str){envelope, id}).code == CODE_OK)
			s->n_sent++;
		else
			s->n_refused++;
		if (id % 100 == 0)
			s->result = fiber_yield();
	}
	while (s->result.code == CODE_OK && s->n_ended < s->n_sent)
		s->result = fiber_suspend(CLOCK_NEVER);
	s->link->ops->close(s->link);
}

TEST(each_frame_arrives_once_or_its_call_is_lost_and_says_so_truly)
{
	struct sink      sink = {.url = conformance_url()};
	struct source    source = {.url = sink.url};
	struct stage_job pouring;

	stage_thread_init(&sink.thread);
	stage_thread_init(&source.thread);
	stage_do(&sink.thread, open_sink, &sink);
	assert_status(sink.result, CODE_OK);
	stage_start(&pouring, &source.thread, pour, &source);
	stage_until(&sink.n_got, FRAMES / 4);
	stage_do(&sink.thread, close_sink, &sink);
	stage_wait(&pouring);
	stage_thread_fini(&source.thread);
	stage_thread_fini(&sink.thread);

	assert_status(source.result, CODE_OK);
	assert_int_equal(source.n_sent + source.n_refused, FRAMES);
	assert_false(source.is_down_before_lost);
	for (unsigned id = 1; id <= FRAMES; id++) {
		unsigned got = atomic_load(&sink.got[id]);

		assert_in_range(got, 0, 1);
		assert_in_range(source.ended[id], 0, 1);
		/* What arrived was not called surely not executed. */
		assert_true(got <= source.may_have_run[id]);
	}
}
