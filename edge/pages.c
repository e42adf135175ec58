#include "edge/pages.h"

#include "edge/internal.h"
#include "edge/respond.h"

/*
 * Nothing but what the edge itself serves, no script or style within the markup, no frame around
 * it. 'self' covers WebSockets to the same host too (CSP 3, 6.7.2.8). Pictures of people come as
 * data; those on other hosts are not loaded: it would tell these hosts who reads what.
 */
static const char policy[] = "default-src 'self'; img-src 'self' data:; object-src 'none'; "
                             "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/* Compared weakly (RFC 9110 13.1.2). */
bool edge_pages_is_known(str if_none_match, str etag)
{
	str one;

	while (str_next(&if_none_match, ',', &one)) {
		one = str_trim(one);
		if (str_starts(one, STR("W/")))
			one = str_from(one, 2);
		if (str_eq(one, etag) || str_eq(one, STR("*")))
			return true;
	}
	return false;
}

status edge_pages_serve(struct edge_exchange *ex)
{
	const struct edge_page *page = ex->route->page;
	bool                    is_known =
	        edge_pages_is_known(edge_exchange_header(ex, "if-none-match"), str_c(page->etag));

	edge_respond_header(ex, "etag", str_c(page->etag));
	edge_respond_header(ex, "content-security-policy", str_c(policy));
	edge_respond_header(ex, "referrer-policy", STR("no-referrer"));
	edge_respond_header(ex, "cross-origin-opener-policy", STR("same-origin"));
	edge_respond_kept(ex, is_known ? 304 : 200, page->content_type,
	                  is_known ? (str){0} : page->body);
	return STATUS_OK;
}
