/*
 * rpc/report.h - what remains of a call that ended: its counters and its line in the log.
 */
#ifndef RPC_REPORT_H
#define RPC_REPORT_H

#include "rpc/call.h"
#include "rpc/methods.h"

void rpc_report(struct rpc_served *served, const struct rpc_call *call, status st, int64_t took_ns);

/* The trace id in a W3C traceparent, or empty. */
str rpc_trace_id(str traceparent);

#endif
