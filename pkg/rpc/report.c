#include "rpc/report.h"

#include "base/clock.h"
#include "log/log.h"

/* version "-" trace id "-" parent id "-" flags, all of fixed width (W3C Trace Context 3.2). */
enum { TRACEPARENT_BYTES = 55, TRACE_ID_AT = 3, TRACE_ID_BYTES = 32 };

str rpc_trace_id(str traceparent)
{
	if (traceparent.len < TRACEPARENT_BYTES)
		return STR("");
	return (str){traceparent.ptr + TRACE_ID_AT, TRACE_ID_BYTES};
}

void rpc_report(struct rpc_served *served, const struct rpc_call *call, status st, int64_t took_ns)
{
	const char *method = served->method ? served->method->name : "unknown";
	bool        is_ours = st.code == CODE_INTERNAL;

	rpc_served_count(served, st.code, took_ns);
	if (!log_is_on(is_ours ? LOG_ERROR : LOG_INFO))
		return;
	/* Only an internal error's reason: others are the caller's, and may quote what they sent.
	 */
	log_at(is_ours ? LOG_ERROR : LOG_INFO, is_ours ? "call failed" : "call",
	       LOG_CSTR("method", method), LOG_CODE(st),
	       LOG_CSTR("reason", is_ours && st.msg ? st.msg : ""),
	       LOG_STR("request_id", call->request_id),
	       LOG_STR("trace_id", rpc_trace_id(call->traceparent)),
	       LOG_I64("account_id", call->who.account_id),
	       LOG_US("took", took_ns / CLOCK_NS_PER_US));
}
