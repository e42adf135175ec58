#include "test/integration/rpc/conformance.h"

#include "base/mem.h"
#include "canaduck/rpc/v1/health.rpc.h"
#include "canaduck/rpc/v1/reflection.rpc.h"
#include "log/log.h"

#include <stdio.h>
#include <string.h>

enum { MAX_URLS = 128, URL_BYTES = 256 };

/* What the program's tests share: they are registered before anybody could hand it to them. */
static struct {
	void (*write_url)(unsigned n, char *out, size_t size);
	char     urls[MAX_URLS][URL_BYTES];
	unsigned n_urls;
} conformance;

int rpc_conformance(void (*write_url)(unsigned n, char *out, size_t size), int argc, char **argv)
{
	conformance.write_url = write_url;
	log_setup(LOG_OFF, LOG_LOGFMT);
	return test_run(argc, argv, NULL, NULL);
}

const char *conformance_url(void)
{
	char *url = conformance.urls[conformance.n_urls];

	assert_true(conformance.n_urls < MAX_URLS);
	conformance.write_url(conformance.n_urls++, url, URL_BYTES);
	return url;
}

void conformance_pair_start(struct conformance_pair *pair)
{
	stage_server_start(&pair->server, conformance_url());
	stage_client_start(&pair->client, (const char *[]){pair->server.url, NULL}, true);
}

void conformance_pair_stop(struct conformance_pair *pair)
{
	atomic_store(&pair->server.trial.is_let_go, true);
	stage_client_stop(&pair->client);
	stage_server_stop(&pair->server);
}

TEST(a_request_of_any_size_comes_back_whole)
{
	static const size_t     sizes[] = {0, 1, 200, 65536, 3 * 1024 * 1024};
	struct conformance_pair pair = {0};

	conformance_pair_start(&pair);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		AUTO(mem_freep) uint8_t   *data = mem_zalloc(sizes[i] + 1);
		trial_echo_request         req;
		const trial_echo_response *response;

		for (size_t k = 0; k < sizes[i]; k++)
			data[k] = (uint8_t)(k * 31 + i);
		trial_echo_request_init(&req);
		req.data = (ProtobufCBinaryData){sizes[i], data};
		struct stage_call c = {
		        .client = &pair.client, .method = trial_echo_method, .request = &req.base};

		assert_status(stage_call_run(&c), CODE_OK);
		response = (const trial_echo_response *)c.response;
		assert_int_equal(response->data.len, sizes[i]);
		if (sizes[i])
			assert_memory_equal(response->data.data, data, sizes[i]);
		stage_call_fini(&c);
	}
	conformance_pair_stop(&pair);
}

TEST(a_request_past_the_limit_fails_at_its_sender)
{
	const size_t             size = RPC_MAX_FRAME + 1;
	AUTO(mem_freep) uint8_t *data = mem_zalloc(size);
	struct conformance_pair  pair = {0};
	trial_echo_request       req;

	trial_echo_request_init(&req);
	req.data = (ProtobufCBinaryData){size, data};
	conformance_pair_start(&pair);
	struct stage_call c = {
	        .client = &pair.client, .method = trial_echo_method, .request = &req.base};

	assert_status(stage_call_run(&c), CODE_RESOURCE_EXHAUSTED);
	assert_true(c.call.not_executed);
	stage_call_fini(&c);
	conformance_pair_stop(&pair);
}

TEST(every_code_travels_with_its_message)
{
	struct conformance_pair pair = {0};
	trial_fail_request      req;
	char                    message[32];

	trial_fail_request_init(&req);
	conformance_pair_start(&pair);
	for (unsigned code = CODE_CANCELLED; code <= CODE_UNAUTHENTICATED; code++) {
		struct stage_call c = {
		        .client = &pair.client, .method = trial_fail_method, .request = &req.base};

		req.code = code;
		assert_status(stage_call_run(&c), (enum code)code);
		snprintf(message, sizeof message, "told to fail by %u", code);
		assert_string_equal(c.result.msg,
		                    code == CODE_INTERNAL ? "internal error" : message);
		assert_int_equal(c.call.retry_after_s, 9);
		assert_int_equal(c.call.rate_limit, 100);
		assert_int_equal(c.call.not_executed, code == CODE_UNAVAILABLE);
		stage_call_fini(&c);
	}
	conformance_pair_stop(&pair);
}

TEST(violations_of_rules_and_of_handlers_travel)
{
	static const struct {
		const char *field, *other;
		enum code   code;
		unsigned    n_violations;
	} cases[] = {
	        {"far too long", "", CODE_INVALID_ARGUMENT, 1},
	        {"far too long", "this is, too", CODE_INVALID_ARGUMENT, 2},
	        {"mail", "", CODE_ALREADY_EXISTS, 1},
	};
	struct conformance_pair pair = {0};
	trial_fail_request      req;

	trial_fail_request_init(&req);
	conformance_pair_start(&pair);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct stage_call c = {
		        .client = &pair.client, .method = trial_fail_method, .request = &req.base};

		req.code = CODE_ALREADY_EXISTS;
		req.field = (char *)(uintptr_t)cases[i].field;
		req.other = (char *)(uintptr_t)cases[i].other;
		assert_status(stage_call_run(&c), cases[i].code);
		assert_int_equal(c.call.violations.count, cases[i].n_violations);
		assert_string_equal(c.call.violations.items[0].field, i == 2 ? "mail" : "field");
		stage_call_fini(&c);
	}
	conformance_pair_stop(&pair);
}

TEST(session_changes_travel_in_their_order)
{
	struct conformance_pair          pair = {0};
	const struct rpc_session_change *newest;
	trial_end_request                req;

	trial_end_request_init(&req);
	conformance_pair_start(&pair);
	struct stage_call c = {
	        .client = &pair.client, .method = trial_end_method, .request = &req.base};

	assert_status(stage_call_run(&c), CODE_OK);
	newest = c.call.session_changes;
	assert_non_null(newest);
	assert_int_equal(newest->account_id, 4);
	assert_int_equal(newest->session_id, 0);
	assert_int_equal(newest->ended_below, 70);
	assert_int_equal(newest->kept_session_id, 65);
	assert_int_equal(newest->n_roles, 2);
	assert_true(str_eq(newest->roles[1], STR("admin")));
	assert_int_equal(newest->roles_version, 9);
	assert_int_equal(newest->expire_time, 1234567890);
	assert_non_null(newest->next);
	assert_int_equal(newest->next->session_id, 30);
	assert_int_equal(newest->next->roles_version, 0);
	assert_null(newest->next->next);
	stage_call_fini(&c);
	conformance_pair_stop(&pair);
}

static const str admin_roles[] = {STR("user"), STR("admin")};

TEST(who_may_call_is_checked_by_the_service)
{
	const struct identity anonymous = {0};
	const struct identity person = {.kind = IDENTITY_ACCOUNT, .account_id = 42};
	const struct identity admin = {
	        .kind = IDENTITY_ACCOUNT, .account_id = 1, .roles = admin_roles, .n_roles = 2};
	/* The client puts its own identity on calls of services' methods; this one does not. */
	struct rpc_method inside = *trial_inside_method;
	const struct {
		const struct rpc_method          *method;
		const ProtobufCMessageDescriptor *request;
		const struct identity            *who;
		enum code                         code;
	} cases[] = {
	        {trial_end_method, trial_end_request_schema.descriptor, &anonymous, CODE_OK},
	        {trial_echo_method, trial_echo_request_schema.descriptor, &anonymous, CODE_OK},
	        {trial_whoami_method, trial_whoami_request_schema.descriptor, &anonymous,
	         CODE_UNAUTHENTICATED},
	        {trial_whoami_method, trial_whoami_request_schema.descriptor, &person, CODE_OK},
	        {trial_rule_method, trial_rule_request_schema.descriptor, &anonymous,
	         CODE_UNAUTHENTICATED},
	        {trial_rule_method, trial_rule_request_schema.descriptor, &person,
	         CODE_PERMISSION_DENIED},
	        {trial_rule_method, trial_rule_request_schema.descriptor, &admin, CODE_OK},
	        {&inside, trial_inside_request_schema.descriptor, &anonymous,
	         CODE_PERMISSION_DENIED},
	        {&inside, trial_inside_request_schema.descriptor, &admin, CODE_PERMISSION_DENIED},
	        {trial_inside_method, trial_inside_request_schema.descriptor, &anonymous, CODE_OK},
	};
	struct conformance_pair pair = {0};

	inside.auth = RPC_AUTH_PUBLIC;
	conformance_pair_start(&pair);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ProtobufCMessage *req = mem_zalloc(cases[i].request->sizeof_message);
		struct stage_call c = {.client = &pair.client,
		                       .method = cases[i].method,
		                       .request = req,
		                       .who = *cases[i].who};

		protobuf_c_message_init(cases[i].request, req);
		assert_status(stage_call_run(&c), cases[i].code);
		stage_call_fini(&c);
		mem_free(req);
	}
	conformance_pair_stop(&pair);
}

TEST(the_person_is_known_at_the_second_hop)
{
	struct stage_server         last = {0};
	struct conformance_pair     pair = {.server.next = &last};
	const trial_relay_response *response;
	trial_relay_request         req;

	trial_relay_request_init(&req);
	stage_server_start(&last, conformance_url());
	conformance_pair_start(&pair);
	struct stage_call c = {.client = &pair.client,
	                       .method = trial_relay_method,
	                       .request = &req.base,
	                       .who = {.kind = IDENTITY_ACCOUNT, .account_id = 42}};

	/* The middle's own link may still be on its way up. */
	while (stage_call_run(&c).code == CODE_UNAVAILABLE)
		stage_call_fini(&c);
	assert_status(c.result, CODE_OK);
	response = (const trial_relay_response *)c.response;
	assert_int_equal(response->account_id, 42);
	assert_string_equal(response->request_id, "r-1");
	assert_string_equal(response->service, "middle");
	stage_call_fini(&c);
	conformance_pair_stop(&pair);
	stage_server_stop(&last);
}

TEST(an_unknown_method_is_unimplemented)
{
	struct rpc_method       unknown = *trial_echo_method;
	struct conformance_pair pair = {0};
	trial_echo_request      req;

	unknown.name = "/trial.v1.Trial/Nothing";
	trial_echo_request_init(&req);
	conformance_pair_start(&pair);
	struct stage_call c = {.client = &pair.client, .method = &unknown, .request = &req.base};

	assert_status(stage_call_run(&c), CODE_UNIMPLEMENTED);
	stage_call_fini(&c);
	conformance_pair_stop(&pair);
}

TEST(a_server_tells_its_health_and_its_methods)
{
	struct conformance_pair    pair = {0};
	rpcv1_check_request        check;
	rpcv1_list_request         list;
	const rpcv1_list_response *listed;
	unsigned                   n_ours = 0;

	rpcv1_check_request_init(&check);
	rpcv1_list_request_init(&list);
	conformance_pair_start(&pair);
	struct stage_call health = {
	        .client = &pair.client, .method = health_check_method, .request = &check.base};
	struct stage_call methods = {
	        .client = &pair.client, .method = reflection_list_method, .request = &list.base};

	assert_status(stage_call_run(&health), CODE_OK);
	assert_int_equal(((const rpcv1_check_response *)health.response)->status,
	                 RPCV1_SERVING_STATUS_SERVING);
	stage_call_fini(&health);
	check.service = (char *)(uintptr_t) "trial.v1.Nobody";
	assert_status(stage_call_run(&health), CODE_NOT_FOUND);
	stage_call_fini(&health);

	assert_status(stage_call_run(&methods), CODE_OK);
	listed = (const rpcv1_list_response *)methods.response;
	for (size_t i = 0; i < listed->n_methods; i++) {
		if (i > 0)
			assert_true(strcmp(listed->methods[i - 1]->name, listed->methods[i]->name) <
			            0);
		if (strncmp(listed->methods[i]->name, "/trial.v1.Trial/", 16) == 0)
			n_ours++;
	}
	assert_int_equal(n_ours, trial_service.n_methods);
	assert_true(listed->descriptors.len >= trial_service.descriptors_len);
	stage_call_fini(&methods);
	conformance_pair_stop(&pair);
}
