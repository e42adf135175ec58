#include "services/canaduck/call.h"

#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/rpc/v1/health.rpc.h"
#include "fiber/fiber.h"
#include "pb/message.h"
#include "pbjson/pbjson.h"
#include "rpc/client.h"
#include "runtime/worker.h"
#include "services/canaduck/settings.h"

#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 30000, REACH_MS = 3000, LOOK_MS = 5, MAX_JSON = 4 * 1024 * 1024 };

/* Counting anew takes half a minute for a million messages. */
enum { REBUILD_TIMEOUT_MS = 3600 * 1000 };

struct errand {
	const struct settings    *settings;
	const struct rpc_service *service;
	const struct rpc_method  *method;
	const char               *json;
	uint32_t                  timeout_ms;
	int64_t                   as_account_id; /* 0: as a service */
	struct rpc_client        *client;
	struct buf                out;
	char                      error[1024];
	bool                      failed;
};

static status make(struct errand *e, struct rpc_call *call, ProtobufCMessage **out_response)
{
	ProtobufCMessage   *request = pb_new(&call->arena, e->method->request->descriptor);
	struct pbjson_error error;
	status st = pbjson_parse(&call->arena, str_c(e->json), e->method->request, request, NULL,
	                         &error);

	if (st.code == CODE_INVALID_ARGUMENT)
		return status_errorf(&call->arena, st.code, "JSON: %s %s", error.field,
		                     error.reason);
	TRY(st);
	return rpc_client_call(e->client, call, e->method, request, out_response);
}

static status seal(const struct errand *e, struct rpc_call *call)
{
	call->who = (struct identity){
	        .kind = IDENTITY_ACCOUNT, .account_id = e->as_account_id, .name = STR("cli")};
	return identity_seal(&e->settings->keys, &call->who, clock_wall_us() / 1000000,
	                     IDENTITY_MAX_TTL_S, 0, &call->arena, &call->sealed);
}

static void complain(struct errand *e, const struct rpc_call *call, status st)
{
	int n = snprintf(e->error, sizeof e->error, "%s: %s", code_name(st.code),
	                 st.msg ? st.msg : "");

	e->failed = true;
	for (unsigned i = 0; i < call->violations.count && n > 0 && n < (int)sizeof e->error; i++)
		n += snprintf(e->error + n, sizeof e->error - (size_t)n, "\n  %s %s",
		              call->violations.items[i].field, call->violations.items[i].reason);
}

/* A link comes within reach a few turns after it was made, if anybody listens. */
static status wait_in_reach(struct errand *e)
{
	int64_t until_ns = clock_after_ms(REACH_MS);

	while (!rpc_client_is_up(e->client)) {
		status st = fiber_suspend(clock_after_ms(LOOK_MS));

		if (st.code == CODE_CANCELLED || clock_now_ns() > until_ns)
			return status_error(CODE_UNAVAILABLE, "the service is not within reach");
	}
	return STATUS_OK;
}

/* The worker's start runs in a fiber on its loop: all that a call needs. */
static status start(void *arg, struct runtime_worker *w)
{
	struct errand                 *e = arg;
	const struct rpc_client_config cfg = {.loop = runtime_worker_loop(w),
	                                      .keys = &e->settings->keys,
	                                      .name = STR("cli"),
	                                      .tls = settings_tls(e->settings)};
	struct rpc_call                call;
	ProtobufCMessage              *response;
	status                         st;

	TRY(rpc_client_new(&cfg, &e->client));
	TRY(runtime_address_link(e->settings->addresses, e->service->short_name, e->client));
	rpc_call_init(&call, clock_after_ms(e->timeout_ms));
	call.request_id = STR("cli");
	st = wait_in_reach(e);
	if (st.code == CODE_OK && e->as_account_id)
		st = seal(e, &call);
	if (st.code == CODE_OK)
		st = make(e, &call, &response);
	if (st.code == CODE_OK)
		st = pbjson_print(&e->out, response, e->method->response, &pbjson_public);
	if (st.code != CODE_OK)
		complain(e, &call, st);
	rpc_call_fini(&call);
	return STATUS_OK;
}

static void nothing(void *arg __attribute__((unused)))
{
}

static bool is_idle(void *arg __attribute__((unused)))
{
	return true;
}

static void stop(void *arg)
{
	struct errand *e = arg;

	rpc_client_free(e->client);
}

static status run(struct errand *e)
{
	static const struct runtime_worker_ops ops = {.start = start,
	                                              .drain = nothing,
	                                              .is_idle = is_idle,
	                                              .cancel = nothing,
	                                              .stop = stop};
	static struct settings                 settings;
	struct runtime_worker                 *worker;

	TRY(settings_load(&settings, &(struct parts){0}));
	/* The answer is what is asked for. */
	settings_log_less(&settings);
	e->settings = &settings;
	TRY(runtime_worker_new(
	        &(struct runtime_worker_config){.name = "call", .ops = &ops, .arg = e}, &worker));
	runtime_worker_free(worker, 0);
	return STATUS_OK;
}

static bool find(const char *name, struct errand *e)
{
	for (unsigned s = 0; parts_tables[s]; s++)
		for (unsigned i = 0; i < parts_tables[s]->n_methods; i++) {
			const char *full = parts_tables[s]->methods[i].name;

			if (strcmp(full, name) != 0 && strcmp(full + 1, name) != 0)
				continue;
			e->service = parts_tables[s];
			e->method = &parts_tables[s]->methods[i];
			return true;
		}
	return false;
}

static int perform(struct errand *e)
{
	status st;

	buf_init(&e->out, MAX_JSON);
	st = run(e);
	if (st.code != CODE_OK)
		fprintf(stderr, "%s\n", st.msg);
	else if (e->failed)
		fprintf(stderr, "%s\n", e->error);
	else
		printf("%.*s\n", STR_ARG(buf_str(&e->out)));
	buf_fini(&e->out);
	return st.code != CODE_OK || e->failed;
}

static int perform_named(int64_t as_account_id, const char *method, const char *json,
                         uint32_t timeout_ms)
{
	struct errand e = {.json = json, .as_account_id = as_account_id, .timeout_ms = timeout_ms};

	if (find(method, &e))
		return perform(&e);
	fprintf(stderr, "no method %s; canaduck routes --all lists them\n", method);
	return 2;
}

int call_main(int argc, char **argv)
{
	int64_t as_account_id = 0;

	if (argc > 2 && strcmp(argv[1], "--as") == 0) {
		if (!str_to_i64(str_c(argv[2]), &as_account_id) || as_account_id < 1)
			argc = 0;
		argc -= 2;
		argv += 2;
	}
	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: canaduck call [--as ACCOUNT_ID] METHOD [JSON]\n");
		return 2;
	}
	return perform_named(as_account_id, argv[1], argc > 2 ? argv[2] : "{}", TIMEOUT_MS);
}

int call_admin_main(int argc, char **argv)
{
	struct buf json;
	bool       grants = argc == 3 && strcmp(argv[1], "grant") == 0;
	int        result;

	if (!grants && !(argc == 3 && strcmp(argv[1], "revoke") == 0)) {
		fprintf(stderr, "usage: canaduck admin grant|revoke PSEUDO\n");
		return 2;
	}
	buf_init(&json, MAX_JSON);
	buf_put(&json, STR("{\"role\":\"admin\",\"pseudo\":"));
	pbjson_print_string(&json, str_c(argv[2]));
	buf_put(&json, STR("}"));
	buf_put_c(&json, '\0');
	result = perform_named(0,
	                       grants ? "/canaduck.users.v1.Users/GrantRole"
	                              : "/canaduck.users.v1.Users/RevokeRole",
	                       json.ptr, TIMEOUT_MS);
	buf_fini(&json);
	return result;
}

int call_stats_main(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], "rebuild") != 0) {
		fprintf(stderr, "usage: canaduck stats rebuild\n");
		return 2;
	}
	return perform_named(0, "/canaduck.stats.v1.Stats/Rebuild", "{}", REBUILD_TIMEOUT_MS);
}

int call_health(const char *service)
{
	struct errand e = {.method = health_check_method, .json = "{}", .timeout_ms = TIMEOUT_MS};

	for (unsigned i = 0; parts_tables[i]; i++)
		if (strcmp(parts_tables[i]->short_name, service) == 0)
			e.service = parts_tables[i];
	if (e.service)
		return perform(&e);
	fprintf(stderr, "canaduck health: no service %s\n", service);
	return 2;
}
