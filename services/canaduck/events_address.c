#include "services/canaduck/events_address.h"

#include "base/buf.h"
#include "base/mem.h"

enum { MAX_URLS = 64 * 1024 };

static str without(str s, str ending)
{
	return str_ends(s, ending) ? (str){s.ptr, s.len - ending.len} : s;
}

static void put(struct buf *out, str url, const char *ending)
{
	buf_printf(out, "%s%.*s%s", out->len > 0 ? "," : "", STR_ARG(url), ending);
}

char *events_address_of(struct arena *a, const char *rpc_urls)
{
	AUTO(buf_fini) struct buf out;
	str                       rest = str_c(rpc_urls), url;

	buf_init(&out, MAX_URLS);
	while (str_next(&rest, ',', &url)) {
		url = str_trim(url);
		if (str_starts(url, STR("inproc://")) || str_starts(url, STR("ipc://")))
			put(&out, without(url, STR(".sock")), ".events");
	}
	return arena_cstr(a, buf_str(&out));
}

char *events_address_of_public(struct arena *a, const char *rpc_urls)
{
	AUTO(buf_fini) struct buf out;
	str                       rest = str_c(rpc_urls), url;

	buf_init(&out, MAX_URLS);
	while (str_next(&rest, ',', &url)) {
		url = str_trim(url);
		if (str_starts(url, STR("ipc://")))
			put(&out, without(url, STR(".sock")), ".events.public");
	}
	return arena_cstr(a, buf_str(&out));
}
