/*
 * Services on workers of their own: one tells, the other one follows.
 */
#include <stdatomic.h>

#include "db/migrate.h"
#include "events/consumer.h"
#include "fiber/offload.h"
#include "google/protobuf/wrappers.schema.h"
#include "migrations/migrations.h"
#include "outbox/outbox.h"
#include "runtime/service.h"
#include "runtime/worker.h"
#include "test/integration/rpc/stage.h"
#include "test/support/pg.h"
#include "test/support/test.h"
#include "trial/v1/trial.server.h"

OUTBOX_DEFINE(teller_outbox, "channels", &pb_int64_value_schema);

enum { DRAIN_MS = 10000 };

static char            url[PG_URL_BYTES];
static struct offload *offload;
static atomic_uint     n_applied, n_completed, n_rebuilt;

/* ---- the services ---- */

static status start_service(const struct runtime_env *env, void **out_app)
{
	(void)env;
	*out_app = &n_applied;
	return STATUS_OK;
}

static void stop_service(void *app)
{
	assert_ptr_equal(app, &n_applied);
}

static status on_rebuild(void *app, struct arena *a, struct events_position *out_position)
{
	(void)a;
	if (app == &n_applied)
		n_rebuilt++;
	*out_position = (struct events_position){0, 0};
	return STATUS_OK;
}

static status on_events(void *app, struct arena *a, const struct events_batch *batch)
{
	(void)a;
	atomic_fetch_add((atomic_uint *)app, (unsigned)batch->n);
	return STATUS_OK;
}

static void on_complete(void *app, bool is_complete)
{
	(void)app;
	n_completed += is_complete;
}

static const struct events_consumer_ops ops = {
        .on_rebuild = on_rebuild, .on_events = on_events, .on_complete = on_complete};
static const char *const           needs[] = {NULL};
static const struct runtime_stream streams[] = {{"channels", &ops}, {0}};

static const struct runtime_service teller = {.name = "channels",
                                              .handlers = &trial_handlers,
                                              .schema = &migrations_channels,
                                              .outbox = &teller_outbox,
                                              .needs = needs,
                                              .start = start_service,
                                              .stop = stop_service};
static const struct runtime_service follower = {.name = "follower",
                                                .handlers = &trial_handlers,
                                                .schema = &migrations_channels,
                                                .streams = streams,
                                                .needs = needs,
                                                .start = start_service,
                                                .stop = stop_service};

/* ---- hosting ---- */

static const struct runtime_address addresses[] = {
        {"channels", "inproc://teller", "inproc://teller.events"}, {0}};

static struct runtime_service_host host_of(const struct runtime_service *service,
                                           struct runtime_listen         listen)
{
	return (struct runtime_service_host){
	        .service = service,
	        .cfg = {.db_url = url, .db_read_connections = 1, .db_write_connections = 1},
	        .keys = &stage_keys,
	        .offload = offload,
	        .addresses = addresses,
	        .listen = listen,
	};
}

static struct runtime_service_host host_of_teller(void)
{
	return host_of(&teller,
	               (struct runtime_listen){"inproc://teller", "inproc://teller.events", ""});
}

static int setup(void **state __attribute__((unused)))
{
	struct arena a;
	unsigned     applied;

	arena_init(&a, 1 << 20);
	pg_shared_database(url);
	assert_status(db_migrate(url, &migrations_channels, 30000, &a, &applied), CODE_OK);
	arena_fini(&a);
	assert_status(offload_new(1, 16, &offload), CODE_OK);
	return 0;
}

static int teardown(void **state __attribute__((unused)))
{
	offload_free(offload);
	return 0;
}

static void tell(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		pg_exec(url, "INSERT INTO channels.outbox (topic, type, is_public, event)"
		             " VALUES ('channels.number', 'google.protobuf.Int64Value', true, '')");
}

static void reset(void)
{
	pg_exec(url, "TRUNCATE channels.outbox; UPDATE channels.stream SET epoch = 0, origin = '',"
	             " next_position = 1, owner = 0, lease_until = '-infinity'");
	n_applied = n_completed = n_rebuilt = 0;
}

TEST(a_service_hears_what_another_one_tells)
{
	const struct runtime_service_host teller_host = host_of_teller();
	const struct runtime_service_host follower_host =
	        host_of(&follower, (struct runtime_listen){"inproc://follower", "", ""});
	struct runtime_worker *telling, *following;

	reset();
	/* In this order too: what is not there yet is waited for. */
	assert_status(runtime_service_start(&follower_host, &following), CODE_OK);
	assert_status(runtime_service_start(&teller_host, &telling), CODE_OK);
	tell(5);
	stage_until(&n_applied, 5);
	stage_until(&n_completed, 1);
	runtime_worker_free(telling, DRAIN_MS);
	tell(3);
	assert_status(runtime_service_start(&teller_host, &telling), CODE_OK);
	stage_until(&n_applied, 8);
	runtime_worker_free(following, DRAIN_MS);
	runtime_worker_free(telling, DRAIN_MS);
	assert_int_equal(n_applied, 8);
	assert_int_equal(n_rebuilt, 1);
}

TEST(who_ends_publishes_first_and_leaves_the_lease)
{
	const struct runtime_service_host teller_host = host_of_teller();
	struct runtime_worker            *telling;

	reset();
	assert_status(runtime_service_start(&teller_host, &telling), CODE_OK);
	tell(5);
	runtime_worker_free(telling, DRAIN_MS);
	pg_exec(url, "DO $$ BEGIN ASSERT (SELECT next_position = 6 AND"
	             " lease_until = '-infinity' FROM channels.stream); END $$");
}

TEST(a_start_that_fails_late_leaves_nothing)
{
	const struct runtime_service_host teller_host = host_of_teller();
	struct runtime_service_host       second = host_of(
	              &teller, (struct runtime_listen){"inproc://teller", "inproc://second.events", ""});
	struct runtime_worker *telling, *none;

	reset();
	second.service = &(struct runtime_service){.name = "second",
	                                           .handlers = &trial_handlers,
	                                           .outbox = &teller_outbox,
	                                           .streams = streams,
	                                           .needs = needs,
	                                           .start = start_service,
	                                           .stop = stop_service};
	assert_status(runtime_service_start(&teller_host, &telling), CODE_OK);
	assert_status(runtime_service_start(&second, &none), CODE_ALREADY_EXISTS);
	tell(1);
	runtime_worker_free(telling, DRAIN_MS);
	pg_exec(url, "DO $$ BEGIN ASSERT (SELECT next_position = 2 FROM channels.stream); END $$");
}

TEST_MAIN(setup, teardown)
