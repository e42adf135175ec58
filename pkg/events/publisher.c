#include "events/publisher.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "events/message.h"
#include "events/socket.h"
#include "events/tls.h"
#include "events/url.h"
#include "pb/message.h"
#include "pb/timestamp.h"

#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <string.h>

enum { OWNER_ONLY = 0600, EVERYBODY = 0666 };

struct events_publisher {
	nng_socket sockets[EVENTS_N_AUDIENCES];
	bool       is_open[EVENTS_N_AUDIENCES];
	struct buf message; /* of the event that is told */
};

status events_publisher_new(struct events_publisher **out_publisher)
{
	struct events_publisher *p = mem_zalloc(sizeof *p);

	buf_init(&p->message, EVENTS_MAX_MESSAGE);
	for (unsigned i = 0; i < EVENTS_N_AUDIENCES; i++) {
		if (nng_pub0_open(&p->sockets[i]) != 0)
			goto fail;
		p->is_open[i] = true;
		if (nng_socket_set_int(p->sockets[i], NNG_OPT_SENDBUF, EVENTS_SOCKET_BUFFER) != 0 ||
		    nng_socket_set_size(p->sockets[i], NNG_OPT_RECVMAXSZ, 1) != 0)
			goto fail;
	}
	*out_publisher = p;
	return STATUS_OK;
fail:
	events_publisher_free(p);
	return status_error(CODE_UNAVAILABLE, "cannot open a socket for events");
}

static status listen_at(struct events_publisher *p, enum events_audience who, str url,
                        const struct rpc_tls *tls)
{
	char         text[EVENTS_MAX_URL];
	nng_listener listener;
	int          error = 0;

	TRY(events_url(url, who == EVENTS_PUBLIC, text));
	TRY(events_url_status(nng_listener_create(&listener, p->sockets[who], text)));
	if (events_url_is_tls(text))
		TRY(events_tls_listen(listener, tls));
	if (events_url_is_network(text))
		error = nng_listener_set_bool(listener, NNG_OPT_TCP_KEEPALIVE, true);
	else if (strncmp(text, "ipc:", 4) == 0)
		error = nng_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS,
		                             who == EVENTS_PUBLIC ? EVERYBODY : OWNER_ONLY);
	if (error == 0)
		error = nng_listener_start(listener, 0);
	return events_url_status(error);
}

status events_publisher_listen(struct events_publisher *p, enum events_audience who, str urls,
                               const struct rpc_tls *tls)
{
	str url;

	while (str_next(&urls, ',', &url))
		TRY(listen_at(p, who, str_trim(url), tls));
	return STATUS_OK;
}

static status send_to(nng_socket socket, str message)
{
	nng_msg *msg;

	if (nng_msg_alloc(&msg, message.len) != 0)
		return status_error(CODE_RESOURCE_EXHAUSTED, "no memory for an event");
	memcpy(nng_msg_body(msg), message.ptr, message.len);
	if (nng_sendmsg(socket, msg, NNG_FLAG_NONBLOCK) != 0)
		nng_msg_free(msg);
	return STATUS_OK;
}

status events_publisher_send(struct events_publisher *p, const events_event *event)
{
	buf_reset(&p->message);
	TRY(events_message_write(&p->message, event));
	TRY(send_to(p->sockets[EVENTS_INTERNAL], buf_str(&p->message)));
	if (event->public_ || event->kind == EVENTS_KIND_HEARTBEAT)
		TRY(send_to(p->sockets[EVENTS_PUBLIC], buf_str(&p->message)));
	return STATUS_OK;
}

status events_publisher_signal(struct events_publisher *p, const char *service, const char *topic,
                               const ProtobufCMessage *message, bool is_public)
{
	AUTO(buf_fini) struct buf packed = {.ceiling = EVENTS_MAX_MESSAGE};
	struct arena              a;
	events_event              event;
	status                    st;

	if (!events_topic_is_valid(str_c(topic), str_c(service)))
		return status_error(CODE_INTERNAL, "not a topic of this service");
	TRY(pb_pack(message, &packed));
	arena_init(&a, EVENTS_MAX_MESSAGE);
	events_event_init(&event);
	event.kind = EVENTS_KIND_SIGNAL;
	event.service = arena_cstr(&a, str_c(service));
	event.topic = arena_cstr(&a, str_c(topic));
	event.time = pb_timestamp_from_us(&a, clock_wall_us());
	event.type = arena_cstr(&a, str_c(message->descriptor->name));
	event.payload = (ProtobufCBinaryData){packed.len, (uint8_t *)packed.ptr};
	event.public_ = is_public;
	st = events_publisher_send(p, &event);
	arena_fini(&a);
	return st;
}

void events_publisher_free(struct events_publisher *p)
{
	if (p == NULL)
		return;
	for (unsigned i = 0; i < EVENTS_N_AUDIENCES; i++)
		if (p->is_open[i])
			events_socket_close(p->sockets[i].id);
	buf_fini(&p->message);
	mem_free(p);
}
