#include "edge/internal.h"

#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/rpc/v1/health.rpc.h"
#include "edge/respond.h"
#include "pbjson/pbjson.h"

enum { READY_TIMEOUT_MS = 2000, MAX_BYTES = 4096 };

/* The process lives and its loop turns: that is all. */
status edge_health(struct edge_exchange *ex)
{
	edge_respond(ex, 200, "application/json", STR("{\"status\":\"ok\"}"));
	return STATUS_OK;
}

/* Asks every service at once; those that cannot work are named. */
status edge_ready(struct edge_exchange *ex)
{
	struct edge              *e = ex->edge;
	struct rpc_pending        pending[EDGE_MAX_SERVICES];
	rpcv1_check_request       req;
	rpcv1_check_response     *answer;
	AUTO(buf_fini) struct buf out;
	unsigned                  down = 0;
	int64_t                   soon = clock_after_ms(READY_TIMEOUT_MS);

	if (ex->call.deadline_ns > soon)
		ex->call.deadline_ns = soon;
	rpcv1_check_request_init(&req);
	for (unsigned i = 0; e->host->services[i]; i++)
		health_client_check_start(e->clients[i], &ex->call, &req, &pending[i]);
	buf_init(&out, MAX_BYTES);
	for (unsigned i = 0; e->host->services[i]; i++) {
		status st = health_client_check_finish(&pending[i], &answer);

		if (st.code == CODE_OK && e->draining_since_ns == 0)
			continue;
		buf_put(&out,
		        down++ ? STR(",") : STR("{\"status\":\"unavailable\",\"unavailable\":["));
		pbjson_print_string(&out, str_c(e->host->services[i]->short_name));
	}
	buf_put(&out, down ? STR("]}") : STR("{\"status\":\"ok\"}"));
	edge_respond(ex, down ? 503 : 200, "application/json", buf_str(&out));
	return STATUS_OK;
}
