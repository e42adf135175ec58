#include "test/integration/rpc/foreign.h"
#include "test/support/port.h"

#include <arpa/inet.h>
#include <endian.h>
#include <nng/protocol/reqrep0/req.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log/log.h"
#include "pb/message.h"
#include "rpc/transport.h"

enum { PATIENCE_MS = 20000, GREETING_BYTES = 8, IPC_MESSAGE = 1 };

static struct {
	bool     is_ipc;
	char     dir[32];
	unsigned n_urls;
} foreign = {.dir = "/tmp/canaduck-rep-XXXXXX"};

const char *foreign_url(void)
{
	static char url[64];

	if (foreign.is_ipc)
		snprintf(url, sizeof url, "rep+ipc://%s/%u", foreign.dir, foreign.n_urls++);
	else
		snprintf(url, sizeof url, "rep+tcp://127.0.0.1:%u", port_free());
	return url;
}

int foreign_main(int argc, char **argv)
{
	int failed = 0;

	log_setup(LOG_OFF, LOG_LOGFMT);
	if (mkdtemp(foreign.dir) == NULL)
		return 1;
	for (int i = 0; i < 2; i++) {
		foreign.is_ipc = i == 0;
		failed += test_run(argc, argv, NULL, NULL);
	}
	rmdir(foreign.dir);
	return failed;
}

nng_msg *foreign_envelope(const struct foreign_ask *ask)
{
	AUTO(buf_fini) struct buf payload = {.ceiling = SIZE_MAX};
	AUTO(buf_fini) struct buf packed = {.ceiling = SIZE_MAX};
	rpcv1_request             r;
	nng_msg                  *msg;

	rpcv1_request_init(&r);
	if (ask->request)
		assert_status(pb_pack(ask->request, &payload), CODE_OK);
	r.method = (char *)(uintptr_t)ask->method;
	r.timeout_ms = ask->timeout_ms;
	r.payload = (ProtobufCBinaryData){payload.len, (uint8_t *)payload.ptr};
	r.identity = (ProtobufCBinaryData){ask->sealed.identity.len,
	                                   (uint8_t *)(uintptr_t)ask->sealed.identity.ptr};
	r.mac = (ProtobufCBinaryData){ask->sealed.mac.len,
	                              (uint8_t *)(uintptr_t)ask->sealed.mac.ptr};
	assert_status(pb_pack(&r.base, &packed), CODE_OK);
	assert_int_equal(nng_msg_alloc(&msg, 0), 0);
	assert_int_equal(nng_msg_append(msg, packed.ptr, packed.len), 0);
	return msg;
}

/* ---- nng's REQ socket ---- */

nng_socket foreign_dial(const char *url)
{
	nng_socket s;

	assert_int_equal(nng_req0_open(&s), 0);
	assert_int_equal(nng_socket_set_ms(s, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE), 0);
	assert_int_equal(nng_socket_set_ms(s, NNG_OPT_SENDTIMEO, PATIENCE_MS), 0);
	assert_int_equal(nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, PATIENCE_MS), 0);
	assert_int_equal(nng_dial(s, url + strlen("rep+"), NULL, 0), 0);
	return s;
}

static rpcv1_reply *read_reply(nng_msg *msg)
{
	ProtobufCMessage *reply = protobuf_c_message_unpack(rpcv1_reply_schema.descriptor, NULL,
	                                                    nng_msg_len(msg), nng_msg_body(msg));

	assert_non_null(reply);
	nng_msg_free(msg);
	return (rpcv1_reply *)reply;
}

void foreign_free_reply(rpcv1_reply *reply)
{
	protobuf_c_message_free_unpacked(&reply->base, NULL);
}

int foreign_exchange(nng_socket s, nng_msg *msg, rpcv1_reply **out_reply)
{
	nng_msg *answer;
	int      error;

	assert_int_equal(nng_sendmsg(s, msg, 0), 0);
	error = nng_recvmsg(s, &answer, 0);
	if (error == 0)
		*out_reply = read_reply(answer);
	return error;
}

unsigned foreign_ask(nng_socket s, const struct foreign_ask *ask, bool *out_not_executed)
{
	rpcv1_reply *reply;
	unsigned     code;

	assert_int_equal(foreign_exchange(s, foreign_envelope(ask), &reply), 0);
	code = reply->code;
	if (out_not_executed)
		*out_not_executed = reply->not_executed;
	foreign_free_reply(reply);
	return code;
}

void foreign_start(struct foreign_call *c, nng_socket s, const struct foreign_ask *ask)
{
	assert_int_equal(nng_ctx_open(&c->ctx, s), 0);
	assert_int_equal(nng_aio_alloc(&c->aio, NULL, NULL), 0);
	nng_aio_set_timeout(c->aio, PATIENCE_MS);
	nng_aio_set_msg(c->aio, foreign_envelope(ask));
	nng_ctx_send(c->ctx, c->aio);
	nng_aio_wait(c->aio);
	assert_int_equal(nng_aio_result(c->aio), 0);
	nng_ctx_recv(c->ctx, c->aio);
}

rpcv1_reply *foreign_finish(struct foreign_call *c)
{
	rpcv1_reply *reply;

	nng_aio_wait(c->aio);
	assert_int_equal(nng_aio_result(c->aio), 0);
	reply = read_reply(nng_aio_get_msg(c->aio));
	nng_aio_free(c->aio);
	nng_ctx_close(c->ctx);
	return reply;
}

/* ---- by hand ---- */

static void write_all(int fd, const void *bytes, size_t n)
{
	assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* False at the end of the connection. */
static bool read_all(int fd, void *bytes, size_t n)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	for (size_t at = 0; at < n;) {
		ssize_t got;

		assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
		got = read(fd, (char *)bytes + at, n - at);
		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

/* The kernel takes little for a client that does not read. */
static int new_socket(int family)
{
	const int little = 65536;
	const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little), 0);
	return fd;
}

static int connected(int fd, int error)
{
	if (error == 0)
		return fd;
	close(fd);
	return -1;
}

static int connect_to_path(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int                fd = new_socket(AF_UNIX);

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	return connected(fd, connect(fd, (struct sockaddr *)&at, sizeof at));
}

static int connect_to_port(const char *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	                         .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int                fd = new_socket(AF_INET);

	return connected(fd, connect(fd, (struct sockaddr *)&at, sizeof at));
}

int foreign_connect_mutely(const char *url)
{
	return foreign.is_ipc ? connect_to_path(url + strlen("rep+ipc://"))
	                      : connect_to_port(strrchr(url, ':') + 1);
}

int foreign_connect(const char *url)
{
	static const char req[] = "\0SP\0\0\x30\0", rep[] = "\0SP\0\0\x31\0";
	char              greeting[GREETING_BYTES];
	int               fd = foreign_connect_mutely(url);

	_Static_assert(sizeof req == GREETING_BYTES, "with the last zero");
	assert_true(fd >= 0);
	write_all(fd, req, sizeof req);
	assert_true(read_all(fd, greeting, sizeof greeting));
	assert_memory_equal(greeting, rep, sizeof rep);
	return fd;
}

/* At once: who dislikes the beginning may hang up before the rest is written. */
void foreign_write(int fd, str message)
{
	AUTO(buf_fini) struct buf bytes = {.ceiling = SIZE_MAX};
	const uint64_t            length = htobe64(message.len);

	if (foreign.is_ipc)
		buf_put_c(&bytes, IPC_MESSAGE);
	buf_put_bytes(&bytes, &length, sizeof length);
	buf_put(&bytes, message);
	write_all(fd, bytes.ptr, bytes.len);
}

void foreign_write_ask(int fd, uint32_t request_id, const struct foreign_ask *ask)
{
	AUTO(buf_fini) struct buf message = {.ceiling = SIZE_MAX};
	const uint32_t            id = htonl(request_id | UINT32_C(0x80000000));
	nng_msg                  *envelope = foreign_envelope(ask);

	buf_put(&message, (str){(const char *)&id, sizeof id});
	buf_put(&message, (str){nng_msg_body(envelope), nng_msg_len(envelope)});
	nng_msg_free(envelope);
	foreign_write(fd, buf_str(&message));
}

bool foreign_read(int fd, size_t length)
{
	char     kind, chunk[65536];
	uint64_t announced;

	if ((foreign.is_ipc && !read_all(fd, &kind, 1)) ||
	    !read_all(fd, &announced, sizeof announced))
		return false;
	assert_int_equal(be64toh(announced), length);
	while (length > 0) {
		size_t n = length < sizeof chunk ? length : sizeof chunk;

		if (!read_all(fd, chunk, n))
			return false;
		length -= n;
	}
	return true;
}

void foreign_expect_end(int fd)
{
	char byte;

	assert_false(read_all(fd, &byte, 1));
	close(fd);
}
