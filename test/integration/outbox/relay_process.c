/*
 * A relay in a process of its own, to be struck:
 *
 *     relay_process DB_URL EVENTS_URL LEASE_MS STRIKE
 *
 * STRIKE: kill_before_place, kill_before_publish (SIGKILL), stop_before_place, stop_before_publish
 * (SIGSTOP, the first time), or never.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/mem.h"
#include "db/db.h"
#include "events/publisher.h"
#include "fiber/fiber.h"
#include "fiber/offload.h"
#include "google/protobuf/wrappers.schema.h"
#include "loop/loop.h"
#include "outbox/outbox.h"
#include "outbox/relay.h"

OUTBOX_DEFINE(stream_outbox, "channels", &pb_int64_value_schema);

struct strike {
	const char *how;
	bool        is_done;
};

static void on_step(void *arg, enum outbox_relay_step step)
{
	struct strike *s = arg;
	const char    *when = step == OUTBOX_RELAY_PLACES ? "_before_place" : "_before_publish";
	const str      how = str_c(s->how);

	if (s->is_done || !str_ends(how, str_c(when)))
		return;
	s->is_done = true;
	raise(str_starts(how, STR("kill")) ? SIGKILL : SIGSTOP);
}

static void must(status st)
{
	if (st.code != CODE_OK)
		mem_die(st.msg);
}

int main(int argc, char **argv)
{
	struct strike              strike = {0};
	struct outbox_relay_config cfg = {
	        .outbox = &stream_outbox, .on_step = on_step, .arg = &strike};
	struct db_config db = {
	        .application_name = "relay_process", .read_connections = 1, .write_connections = 1};
	struct outbox_relay *relay;
	uint64_t             lease_ms;

	if (argc != 5 || !str_to_u64(str_c(argv[3]), &lease_ms))
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	db.url = argv[1];
	cfg.lease_ms = (uint32_t)lease_ms;
	strike.how = argv[4];
	must(loop_new(&cfg.loop));
	must(fiber_scheduler_new(cfg.loop, &(struct fiber_config){0}, &cfg.fibers));
	must(offload_new(1, 16, &db.offload));
	db.loop = cfg.loop;
	db.fibers = cfg.fibers;
	must(db_new(&db, &cfg.db));
	cfg.writer = cfg.db;
	must(events_publisher_new(&cfg.publisher));
	must(events_publisher_listen(cfg.publisher, EVENTS_INTERNAL, str_c(argv[2]), NULL));
	must(outbox_relay_new(&cfg, &relay));
	loop_run(cfg.loop);
	return 0;
}
