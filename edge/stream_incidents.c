/*
 * What streams show of incidents around a place: the incident as everybody would get it by
 * GET /incidents, without a distance, since a stream may be about several circles.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/incidents/v1/events.schema.h"
#include "canaduck/incidents/v1/incidents.rpc.h"
#include "edge/internal.h"
#include "edge/streams.h"
#include "pb/message.h"
#include "pbjson/pbjson.h"

#include <string.h>

enum { MAX_INCIDENT_BYTES = 64 * 1024, GET_TIMEOUT_MS = 5000 };

static const struct {
	const char              *type, *name;
	const struct pb_message *schema;
} shown[] = {
        {"canaduck.incidents.v1.IncidentCreated", "incident_create",
         &incidents_incident_created_schema},
        {"canaduck.incidents.v1.IncidentCertified", "incident_certified",
         &incidents_incident_certified_schema},
        {"canaduck.incidents.v1.IncidentDeleted", "incident_deleted",
         &incidents_incident_deleted_schema},
};

/* ---- reading ---- */

static const incidents_incident_state *state_of(size_t i, const ProtobufCMessage *m)
{
	switch (i) {
	case 0:
		return ((const incidents_incident_created *)m)->data;
	case 1:
		return ((const incidents_incident_certified *)m)->data;
	default:
		return ((const incidents_incident_deleted *)m)->data;
	}
}

static bool read_fact(const events_event *event, struct arena *a, struct edge_stream_fact *out_fact)
{
	const str packed = {(const char *)event->payload.data, event->payload.len};

	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		const incidents_incident_state *state;
		ProtobufCMessage               *m;

		if (strcmp(event->type, shown[i].type) != 0)
			continue;
		if (pb_unpack(a, shown[i].schema->descriptor, packed, &m).code != CODE_OK)
			return false;
		state = state_of(i, m);
		if (state == NULL)
			return false;
		out_fact->name = shown[i].name;
		out_fact->id = state->id;
		out_fact->is_public = event->public_;
		out_fact->lat = state->lat;
		out_fact->lon = state->lon;
		return true;
	}
	return false;
}

static bool is_wanted(const struct edge_streams *ss, const struct edge_stream_fact *fact)
{
	list_for_each (it, &ss->streams)
		if (edge_stream_concerns(container_of(it, struct edge_stream, link),
		                         EDGE_STREAM_INCIDENTS, fact))
			return true;
	return false;
}

/* ---- getting ---- */

static status take(struct edge_stream_fact *facts, size_t n, const incidents_incident *incident)
{
	AUTO(buf_fini) struct buf data;

	buf_init(&data, MAX_INCIDENT_BYTES);
	TRY(pbjson_print(&data, &incident->base, &incidents_incident_schema, &pbjson_public));
	TRY(buf_status(&data));
	for (size_t i = 0; i < n; i++) {
		if (facts[i].id != incident->id || facts[i].data)
			continue;
		facts[i].data = mem_strndup(data.ptr, data.len);
		facts[i].data_len = data.len;
	}
	return STATUS_OK;
}

static status ask(struct edge_streams *ss, struct rpc_call *call, struct edge_stream_fact *facts,
                  size_t n)
{
	incidents_get_incidents_request   req;
	incidents_get_incidents_response *answer;

	incidents_get_incidents_request_init(&req);
	req.incident_ids = arena_alloc(&call->arena, n * sizeof *req.incident_ids);
	for (size_t i = 0; i < n; i++)
		if (facts[i].data == NULL)
			req.incident_ids[req.n_incident_ids++] = facts[i].id;
	call->request_id = STR("streams");
	TRY(incidents_client_get_incidents(edge_client(ss->edge, "incidents"), call, &req,
	                                   &answer));
	for (size_t i = 0; i < answer->n_incidents; i++)
		TRY(take(facts, n, answer->incidents[i]));
	return STATUS_OK;
}

static status get(struct edge_streams *ss, struct edge_stream_fact *facts, size_t n)
{
	struct rpc_call call;
	status          st;

	rpc_call_init(&call, clock_after_ms(GET_TIMEOUT_MS));
	st = ask(ss, &call, facts, n);
	rpc_call_fini(&call);
	return st.code == CODE_OK ? st : status_error(st.code, "incidents cannot be had");
}

/* ---- showing ---- */

static void show(struct edge_streams *ss, const struct edge_stream_fact *fact)
{
	list_for_each_safe (it, &ss->streams) {
		struct edge_stream *s = container_of(it, struct edge_stream, link);

		if (s->is_live[EDGE_STREAM_INCIDENTS] &&
		    edge_stream_concerns(s, EDGE_STREAM_INCIDENTS, fact))
			edge_stream_show(s, EDGE_STREAM_INCIDENTS, fact);
	}
}

const struct edge_stream_source_ops edge_stream_incidents = {
        .service = "incidents",
        .read = read_fact,
        .is_wanted = is_wanted,
        .get = get,
        .show = show,
};
