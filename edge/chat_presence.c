/*
 * Design notes. Only the account is noted; whether it is there is looked up when that is told, so
 * the last word about it is true however often it came and went. Calls go out by batches of
 * different accounts, one batch after another, which keeps them in order for each.
 */
#include "edge/chat_presence.h"

#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/messages/v1/messages.rpc.h"
#include "edge/census.h"
#include "edge/chat_socket.h"
#include "fiber/fiber.h"
#include "log/log.h"

enum { TIMEOUT_MS = 2000, BATCH = 16, MAX_WAITING = 65536 };

void edge_chat_presence_init(struct edge_chat_presence *p)
{
	p->changed.max = MAX_WAITING;
}

void edge_chat_presence_fini(struct edge_chat_presence *p)
{
	edge_sightings_fini(&p->changed);
}

static status tell_batch(struct edge *e, const struct edge_sighting *accounts, size_t n)
{
	messages_signal_presence_request   req;
	messages_signal_presence_response *answer;
	struct rpc_pending                 pending[BATCH];
	struct rpc_call                    call;
	status                             result = STATUS_OK;

	rpc_call_init(&call, clock_after_ms(TIMEOUT_MS));
	call.request_id = edge_request_id_new(&e->request_ids, &call.arena);
	messages_signal_presence_request_init(&req);
	for (size_t i = 0; i < n; i++) {
		req.account_id = accounts[i].account_id;
		req.is_connected = edge_census_count(e->host->census, req.account_id) > 0;
		messages_client_signal_presence_start(edge_client(e, "messages"), &call, &req,
		                                      &pending[i]);
	}
	for (size_t i = 0; i < n; i++) {
		status st = messages_client_signal_presence_finish(&pending[i], &answer);

		if (st.code != CODE_OK)
			result = (status){st.code, NULL}; /* its text is in the call */
	}
	rpc_call_fini(&call);
	return result;
}

static void tell_all(struct edge *e)
{
	size_t                n, told;
	struct edge_sighting *accounts = edge_sightings_take(&e->chat.presence.changed, &n);
	status                st = STATUS_OK;

	for (told = 0; told < n && st.code == CODE_OK; told += BATCH)
		st = tell_batch(e, accounts + told, n - told < BATCH ? n - told : BATCH);
	if (st.code != CODE_OK)
		log_warn("partners are not told who came and left", LOG_CODE(st),
		         LOG_U64("accounts", n));
	mem_free(accounts);
}

static void tell(void *arg)
{
	struct edge               *e = arg;
	struct edge_chat_presence *p = &e->chat.presence;

	p->fiber = fiber_current();
	fiber_set_label("presence of sockets");
	while (p->changed.count > 0 && !fiber_is_cancelled())
		tell_all(e);
	p->fiber = NULL;
	p->is_telling = false;
}

void edge_chat_presence_changed(struct edge *e, int64_t account_id)
{
	struct edge_chat_presence *p = &e->chat.presence;

	if (!edge_sightings_add(&p->changed, (struct edge_sighting){account_id, 0}) ||
	    p->is_telling)
		return;
	p->is_telling = true;
	if (fiber_spawn(e->fibers, tell, e, CLOCK_NEVER, NULL).code != CODE_OK)
		p->is_telling = false; /* with the next one */
}

static void find_open(struct edge_chat_socket *s, void *arg)
{
	if (s->socket.state == EDGE_SOCKET_OPEN)
		*(bool *)arg = true;
}

void edge_chat_presence_heard(struct edge *e, int64_t account_id, bool is_connected)
{
	bool is_here = false;

	if (is_connected)
		return;
	edge_chat_each(e, account_id, find_open, &is_here);
	if (is_here)
		edge_chat_presence_changed(e, account_id);
}
