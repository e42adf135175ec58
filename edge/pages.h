/*
 * edge/pages.h - pages for people, embedded at build: /chat, and what such pages load.
 *
 * edge/pages/CMakeLists.txt says which file is served under which path. A browser keeps them, and
 * asks by ETag whether they still hold (RFC 9110 13.1.2): a new release is seen at once.
 */
#ifndef EDGE_PAGES_H
#define EDGE_PAGES_H

#include <stddef.h>

#include "base/status.h"
#include "base/str.h"

struct edge_exchange;

struct edge_page {
	const char *path, *content_type;
	const char *etag; /* with its quotes */
	str         body;
};

/* Generated. */
extern const struct edge_page edge_pages_all[];
extern const size_t           edge_pages_count;

/* Answers with the page of the exchange's route, or 304. */
must_check status edge_pages_serve(struct edge_exchange *ex);

/* An If-None-Match header (a list, or empty) names this entity tag. */
bool edge_pages_is_known(str if_none_match, str etag);

#endif
