/*
 * edge/streams.h - the streams of events that clients of one edge loop listen to (GET /events).
 *
 * A stream shows facts of a few sources (services), those that its topics are about. Each source
 * listens to the feed of its service (edge/feed.h), gets what facts do not carry from that service
 * once for all streams, and shows them in order. What was missed is read again from where the
 * client's Last-Event-ID says (edge/stream_replay.c), until that has come level with the feed.
 *
 * Who may read a channel is asked when a stream begins and again with each change that the events
 * of channels tell of (edge/stream_rights.c); facts wait for the answer. Streams end with their
 * sessions and tokens, with the last of their topics, and with the process.
 *
 * Threads:  one loop's.
 */
#ifndef EDGE_STREAMS_H
#define EDGE_STREAMS_H

#include "base/arena.h"
#include "base/id_map.h"
#include "edge/feed.h"
#include "edge/sessions.h"
#include "edge/sse.h"
#include "edge/stream_id.h"
#include "edge/stream_topic.h"

struct edge_streams;
struct fiber;
struct metrics_counter;
struct metrics_gauge;

/* ---- facts and their sources ---- */

/* A fact as streams show it. */
struct edge_stream_fact {
	struct events_position at;
	const char            *name;       /* "message_created"; static */
	int64_t                channel_id; /* of a message */
	bool                   is_public;  /* anybody might see it then */
	int64_t                id;         /* of the message or the incident */
	double                 lat, lon;
	char                  *data; /* JSON, the fact's; NULL: to be got, or not there any more */
	size_t                 data_len;
};

struct edge_stream_source_ops {
	const char *service;
	/* Reads what streams show of an event; false: nothing. */
	bool (*read)(const events_event *event, struct arena *a, struct edge_stream_fact *out_fact);
	/* Somebody might want to be shown it now. */
	bool (*is_wanted)(const struct edge_streams *ss, const struct edge_stream_fact *fact);
	/* Gets what facts do not carry; suspends. What is not there any more stays without data. */
	status (*get)(struct edge_streams *ss, struct edge_stream_fact *facts, size_t n);
	/* Shows it to everybody who listens, those who should not be shown it too. */
	void (*show)(struct edge_streams *ss, const struct edge_stream_fact *fact);
};

struct edge_stream_source {
	struct edge_streams                 *streams;
	enum edge_stream_source_kind         kind;
	const struct edge_stream_source_ops *ops;
	struct edge_feed_listener            listener;
	struct events_position               heard; /* the last fact that the feed told */
	struct events_position               shown; /* all up to this one was shown */
	struct edge_stream_fact             *queue; /* not shown yet, in order */
	size_t                               n_queue, max_queue;
	struct fiber                        *worker; /* that shows; NULL: none */
	bool                                 is_working;
};

/* ---- streams ---- */

enum { EDGE_STREAM_MAX_ADDRESS = 64 };

/* A channel that somebody listens to. */
struct edge_stream_channel {
	int64_t     channel_id;
	char       *name;
	bool        is_private; /* as far as is known */
	struct list subscriptions;
};

struct edge_stream_subscription {
	struct edge_stream         *stream;
	struct edge_stream_channel *channel;
	bool                        is_doubted; /* whether it may read is to be asked */
	bool                        is_asked;   /* and being asked */
	struct list                 of_channel, of_stream;
};

struct edge_stream {
	struct edge_sse            sse;
	struct edge_streams       *streams;
	int64_t                    account_id, session_id; /* 0: anonymous */
	char                       address[EDGE_STREAM_MAX_ADDRESS];
	struct edge_stream_id      id; /* what was shown last, by source */
	bool                       is_wanting[EDGE_STREAM_SOURCES];
	bool                       is_live[EDGE_STREAM_SOURCES]; /* level with the feed */
	bool                       has_gap[EDGE_STREAM_SOURCES]; /* the feed began anew meanwhile */
	struct list                subscriptions;
	struct edge_stream_circle *circles;
	size_t                     n_circles;
	int64_t                    checked_round; /* of asks how its session stands */
	struct fiber              *replayer;  /* that shows what was missed; frees it at the end */
	bool                       is_behind; /* that goes on when the client has read some */
	bool                       is_slow;   /* it was so before */
	bool                       is_over;
	struct loop_timer          expiry;
	struct list                link; /* of all */
};

/* All of one loop. */
struct edge_streams {
	struct edge               *edge;
	struct edge_stream_source  sources[EDGE_STREAM_SOURCES];
	struct edge_feed_listener  rights;   /* of the events of channels */
	struct id_map              channels; /* struct edge_stream_channel by number */
	struct list                streams;
	size_t                     n_streams;
	size_t                     n_replayers; /* fibers of their own */
	struct edge_sessions_watch watch;
	struct fiber              *asker; /* of rights; NULL: none */
	bool                       is_asking;
	size_t                     n_doubted; /* subscriptions doubted or asked */
	struct list                waiters;   /* for none to be */
	struct fiber              *checker; /* of sessions that events do not tell of; NULL: none */
	bool                       is_checking;
	int64_t                    channels_lost_ns, sessions_lost_ns; /* since when; 0: known */
	int64_t                    round; /* of asks how sessions stand */
	bool                       is_draining, is_leaving;
	struct metrics_gauge      *live;
	struct metrics_counter    *shown, *resets, *ended;
};

/*
 * Makes them when the loop starts. At its end: quiet ends what they do, turning the loop until that
 * is done, while h2o may know streams still; stop frees, when it does not. Both are fine if they
 * never started.
 */
void edge_streams_start(struct edge *e);
void edge_streams_quiet(struct edge *e);
void edge_streams_stop(struct edge *e);

/* Ends the stream if its session has ended by now. */
void edge_streams_recheck_session(struct edge_stream *s);

/*
 * Listens to what the kinds of topics need, and waits until it is known (feeds are complete).
 * UNAVAILABLE when that does not come about within a moment.
 */
must_check status edge_streams_await(struct edge_streams *ss, bool has_channels, bool has_circles);

/* Makes room for one more of the account (0: anonymous) and address, or says that there is none. */
must_check status edge_streams_admit(struct edge_streams *ss, struct rpc_call *call);

/* Every now and then: ends what cannot be known to be right any more. */
void edge_streams_check(struct edge_streams *ss);

/* The process ends: says so to all. */
void edge_streams_drain(struct edge_streams *ss);

/* Ends its fibers; false until they have. No stream may begin any more. */
bool edge_streams_leave(struct edge_streams *ss);

/* ---- edge/stream.c: one of them ---- */

/* A new one, in no list; its response has not begun. */
struct edge_stream *edge_stream_new(struct edge_streams *ss);
/* Frees one whose response is over. */
void edge_stream_free(struct edge_stream *s);

/* A channel that somebody may read. */
struct edge_stream_readable {
	int64_t channel_id;
	str     name;
	bool    is_private;
};

/* It listens to a channel from now on. False: it does already. */
bool edge_stream_subscribe(struct edge_stream *s, const struct edge_stream_readable *channel);

/* Begins its response, with where it stands, and takes the exchange, whose client is there, over.
 */
void edge_stream_begin(struct edge_stream *s, struct edge_exchange *ex);

/* Shows a fact, which concerns it, unless that was shown already. */
void edge_stream_show(struct edge_stream *s, enum edge_stream_source_kind kind,
                      const struct edge_stream_fact *fact);

/* Says that facts may be missing, and goes on with what the feed tells from now on. */
void edge_stream_reset(struct edge_stream *s, enum edge_stream_source_kind kind);

/* Ends one of its channels: name and data of the event that says so. With the last topic the stream
 * ends. */
void edge_stream_unsubscribe(struct edge_stream_subscription *sub, str event, str reason);

/* Ends it, and says why. */
void edge_stream_end(struct edge_stream *s, str reason);

/* The stream listens to the channel of the fact, or the fact is in one of its circles. */
bool edge_stream_concerns(const struct edge_stream *s, enum edge_stream_source_kind kind,
                          const struct edge_stream_fact *fact);

/* ---- edge/stream_source.c ---- */

extern const struct edge_stream_source_ops edge_stream_messages, edge_stream_incidents;

/* Prepares one; it listens to nothing yet. */
void edge_stream_source_init(struct edge_stream_source *src, struct edge_streams *ss,
                             enum edge_stream_source_kind         kind,
                             const struct edge_stream_source_ops *ops);
/* Listens to the feed of its service. Fine when it does. Errors of edge_feed_listen(). */
must_check status edge_stream_source_open(struct edge_stream_source *src);
void              edge_stream_source_close(struct edge_stream_source *src);

/*
 * Gets what facts of the source do not carry, again and again while the service is out of reach:
 * until until_ns, UNAVAILABLE then. Of other failures those facts stay without data; *out_is_whole
 * says whether there was none. CANCELLED.
 */
must_check status edge_stream_source_get(struct edge_stream_source *src,
                                         struct edge_stream_fact *facts, size_t n, int64_t until_ns,
                                         bool *out_is_whole);

void edge_stream_fact_free(struct edge_stream_fact *fact);

/* ---- edge/stream_replay.c ---- */

/*
 * Shows what the stream missed since s->id until it is level with the feeds; from then on it is
 * live. Resets it when that is not to be had. In a fiber whose waits nothing else bounds; ends
 * early when the client reads slowly. It may free the stream.
 */
void edge_stream_replay(struct edge_stream *s);

/* The client has read some: goes on with that. */
void edge_stream_replay_go_on(struct edge_stream *s);

/* ---- edge/stream_rights.c ---- */

/* Asks whether the account (0: nobody) may read the channel. NOT_FOUND: no, or there is none. */
must_check status edge_stream_rights_ask(struct edge_streams *ss, struct rpc_call *call, str name,
                                         int64_t                      account_id,
                                         struct edge_stream_readable *out_channel);

/* Follows the events of channels. Errors of edge_feed_listen(). */
must_check status edge_stream_rights_open(struct edge_streams *ss);
void              edge_stream_rights_close(struct edge_streams *ss);

/* What is known of the rights of a stream may be out of date: asks again. */
void edge_stream_rights_doubt(struct edge_streams *ss, struct edge_stream *s);
/* Sees to it that what is in doubt is asked. */
void edge_stream_rights_resolve(struct edge_streams *ss);
/* A subscription is no more; it is not waited for. */
void edge_stream_rights_forget(struct edge_streams *ss, struct edge_stream_subscription *sub);

/*
 * A fact is about to be shown. One that was not public, of a channel that is not known to be
 * private, was heard before the news of that: who listens to the channel is in doubt.
 */
void edge_stream_rights_see(struct edge_streams *ss, const struct edge_stream_fact *fact);

/* Waits until nobody's rights are in doubt. CANCELLED. */
must_check status edge_stream_rights_settle(struct edge_streams *ss);

#endif
