#include "base/status.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stddef.h>

status status_errorf(struct arena *a, enum code code, const char *fmt, ...)
{
	va_list ap;
	status  st = {.code = code};

	va_start(ap, fmt);
	st.msg = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return st;
}

const char *code_name(enum code code)
{
	static const char *const names[] = {
	        [CODE_OK] = "OK",
	        [CODE_CANCELLED] = "CANCELLED",
	        [CODE_UNKNOWN] = "UNKNOWN",
	        [CODE_INVALID_ARGUMENT] = "INVALID_ARGUMENT",
	        [CODE_DEADLINE_EXCEEDED] = "DEADLINE_EXCEEDED",
	        [CODE_NOT_FOUND] = "NOT_FOUND",
	        [CODE_ALREADY_EXISTS] = "ALREADY_EXISTS",
	        [CODE_PERMISSION_DENIED] = "PERMISSION_DENIED",
	        [CODE_RESOURCE_EXHAUSTED] = "RESOURCE_EXHAUSTED",
	        [CODE_FAILED_PRECONDITION] = "FAILED_PRECONDITION",
	        [CODE_ABORTED] = "ABORTED",
	        [CODE_OUT_OF_RANGE] = "OUT_OF_RANGE",
	        [CODE_UNIMPLEMENTED] = "UNIMPLEMENTED",
	        [CODE_INTERNAL] = "INTERNAL",
	        [CODE_UNAVAILABLE] = "UNAVAILABLE",
	        [CODE_DATA_LOSS] = "DATA_LOSS",
	        [CODE_UNAUTHENTICATED] = "UNAUTHENTICATED",
	};

	if ((size_t)code >= sizeof names / sizeof *names)
		return "UNKNOWN";
	return names[code];
}
