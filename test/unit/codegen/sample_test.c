/*
 * The code of sample.proto: its tables say what the proto says, and optional fields keep
 * presence on the wire.
 */
#include "test/support/test.h"

#include <string.h>

#include "sample/v1/sample.server.h"

static const struct pb_field *field(const struct pb_message *m, const char *name)
{
	for (unsigned i = 0; i < m->descriptor->n_fields; i++)
		if (strcmp(m->fields[i].name, name) == 0)
			return &m->fields[i];
	fail_msg("no field %s", name);
	return NULL;
}

TEST(fields_run_parallel_to_the_descriptor)
{
	static const struct pb_message *const messages[] = {
	        &sample_book_schema,
	        &sample_book_author_schema,
	        &sample_get_book_request_schema,
	        &sample_book_words_entry_schema,
	        &pb_timestamp_schema,
	        &pb_empty_schema,
	};

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		const struct pb_message *m = messages[i];

		for (unsigned k = 0; k < m->descriptor->n_fields; k++)
			assert_string_equal(m->fields[k].name, m->descriptor->fields[k].name);
	}
}

TEST(presence_is_known)
{
	static const struct {
		const char      *name;
		enum pb_presence presence;
	} cases[] = {
	        {"title", PB_IMPLICIT},     {"pages", PB_OPTIONAL},       {"lent_at", PB_MESSAGE},
	        {"kind", PB_IMPLICIT},      {"series_kind", PB_OPTIONAL}, {"author", PB_MESSAGE},
	        {"shelf", PB_ONEOF},        {"reader", PB_ONEOF},         {"box", PB_ONEOF},
	        {"words", PB_MAP},          {"chapters", PB_MAP},         {"marks", PB_REPEATED},
	        {"printed_at", PB_MESSAGE}, {"text", PB_OPTIONAL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(field(&sample_book_schema, cases[i].name)->presence,
		                 cases[i].presence);
}

TEST(messages_point_to_each_other)
{
	assert_ptr_equal(field(&sample_book_schema, "author")->message, &sample_book_author_schema);
	assert_ptr_equal(field(&sample_book_schema, "words")->message,
	                 &sample_book_words_entry_schema);
	assert_ptr_equal(field(&sample_book_schema, "printed_at")->message, &pb_timestamp_schema);
	assert_ptr_equal(field(&sample_shelf_schema, "shelves")->message, &sample_shelf_schema);
	assert_null(field(&sample_book_schema, "title")->message);
	assert_int_equal(pb_timestamp_schema.well_known, PB_TIMESTAMP);
	assert_int_equal(sample_book_schema.well_known, PB_ORDINARY);
}

TEST(rules_are_the_protos)
{
	const struct pb_field *pages = field(&sample_book_schema, "pages");
	const struct pb_field *name = field(&sample_book_author_schema, "name");
	const struct pb_field *shelves = field(&sample_shelf_schema, "shelves");

	assert_true(pages->rules->has_min && pages->rules->has_max);
	assert_true(pages->rules->min == 0 && pages->rules->max == 1e6);
	assert_true(field(&sample_book_schema, "weight_kg")->rules->min == 0.1);
	assert_int_equal(name->rules->format, PB_FORMAT_PSEUDO);
	assert_string_equal(name->aliases[0], "author");
	assert_string_equal(name->aliases[1], "writer");
	assert_null(name->aliases[2]);
	assert_true(field(&sample_book_author_schema, "email")->rules->is_secret);
	assert_true(field(&sample_words_schema, "words")->rules->is_inline);
	assert_true(field(&sample_get_book_request_schema, "name")->rules->is_required);
	assert_null(field(&sample_book_schema, "kind")->rules);
	/* Given as two options. */
	assert_int_equal(shelves->rules->min_items, 1);
	assert_int_equal(shelves->rules->max_items, 9);
}

TEST(json_names_are_protocs)
{
	assert_string_equal(field(&sample_book_schema, "printed_at")->json_name, "printedAt");
	assert_string_equal(field(&sample_book_schema, "weight_kg")->json_name, "weight");
}

TEST(methods_say_who_may_call_and_how)
{
	const struct rpc_method *get = sample_get_book_method, *reg = sample_register_method;

	assert_string_equal(sample_service.name, "sample.v1.Sample");
	assert_string_equal(sample_service.short_name, "sample");
	assert_string_equal(sample_service.doc,
	                    "Keeps \"shelves\".\nA second paragraph, after a blank line.");
	assert_int_equal(sample_service.n_methods, 3);
	assert_ptr_equal(get, &sample_service.methods[0]);
	assert_string_equal(get->name, "/sample.v1.Sample/GetBook");
	assert_string_equal(get->doc, "Gets a book. NOT_FOUND when there is none, or it is lent.");
	assert_ptr_equal(get->request, &sample_get_book_request_schema);
	assert_ptr_equal(get->response, &sample_book_schema);
	assert_int_equal(get->auth, RPC_AUTH_PUBLIC);
	assert_int_equal(get->http_status, 200);
	assert_int_equal(get->max_body, 1024 * 1024);
	assert_true(get->has_no_side_effects && !get->changes_sessions);

	assert_int_equal(reg->auth, RPC_AUTH_ADMIN);
	assert_int_equal(reg->envelope, RPC_SUCCESS);
	assert_int_equal(reg->http_status, 201);
	assert_int_equal(reg->max_body, 4096);
	assert_true(!reg->has_no_side_effects && reg->changes_sessions);
	assert_ptr_equal(reg->response, &pb_empty_schema);
	assert_int_equal(sample_internal_method->n_routes, 0);
}

TEST(routes_come_with_their_additional_bindings)
{
	const struct rpc_method *get = sample_get_book_method;

	assert_int_equal(get->n_routes, 2);
	assert_string_equal(get->routes[0].http_method, "GET");
	assert_string_equal(get->routes[0].path, "/shelves/{shelf.id}/books/{name}");
	assert_null(get->routes[0].body);
	assert_null(get->routes[0].response_body);
	assert_string_equal(get->routes[1].path, "/books/{name=**}");
	assert_string_equal(get->routes[1].response_body, "title");
	assert_string_equal(sample_register_method->routes[0].body, "author");
}

TEST(descriptors_hold_the_file_its_imports_and_no_comments)
{
	const uint8_t *all = sample_service.descriptors;
	size_t         len = sample_service.descriptors_len;

	assert_non_null(memmem(all, len, "sample/v1/sample.proto", 22));
	assert_non_null(memmem(all, len, "google/protobuf/timestamp.proto", 31));
	assert_non_null(memmem(all, len, "canaduck/api/v1/options.proto", 29));
	assert_null(memmem(all, len, "NOT_FOUND when", 14));
}

/* Packs and unpacks; the caller frees. */
static sample_book *round_trip(const sample_book *book)
{
	uint8_t packed[256];
	size_t  n = protobuf_c_message_get_packed_size(&book->base);

	assert_true(n <= sizeof packed);
	protobuf_c_message_pack(&book->base, packed);
	return (sample_book *)protobuf_c_message_unpack(sample_book_schema.descriptor, NULL, n,
	                                                packed);
}

TEST(an_optional_zero_travels)
{
	uint8_t     packed[8];
	sample_book book, *back;

	sample_book_init(&book);
	assert_int_equal(protobuf_c_message_get_packed_size(&book.base), 0);
	assert_false(sample_book_has_pages(&book));
	sample_book_set_pages(&book, 0);
	assert_true(sample_book_has_pages(&book));
	assert_int_equal(protobuf_c_message_pack(&book.base, packed), 2);
	assert_memory_equal(packed, "\x10\x00", 2);

	back = round_trip(&book);
	assert_true(sample_book_has_pages(back));
	assert_int_equal(back->pages, 0);
	assert_false(sample_book_has_series_kind(back));
	protobuf_c_message_free_unpacked(&back->base, NULL);
}

TEST(an_optional_message_is_there_when_it_is_not_null)
{
	pb_timestamp when;
	sample_book  book, *back;

	pb_timestamp_init(&when);
	sample_book_init(&book);
	book.lent_at = &when;
	sample_book_set_series_kind(&book, SAMPLE_KIND_LOST);
	back = round_trip(&book);
	assert_non_null(back->lent_at);
	assert_null(back->printed_at);
	assert_int_equal(back->series_kind, SAMPLE_KIND_LOST);
	protobuf_c_message_free_unpacked(&back->base, NULL);
}

TEST(of_a_oneof_one_is_set)
{
	char        reader[] = "ana";
	sample_book book, *back;

	sample_book_init(&book);
	sample_book_set_box(&book, 0);
	sample_book_set_reader(&book, reader);
	assert_false(sample_book_has_box(&book));
	back = round_trip(&book);
	assert_true(sample_book_has_reader(back));
	assert_false(sample_book_has_shelf(back));
	assert_string_equal(back->reader, "ana");
	protobuf_c_message_free_unpacked(&back->base, NULL);
}

/* Handlers that say that they were called, and with what. */
static struct {
	const char *method;
	void       *app;
} called;

status sample_get_book(struct sample *app, struct rpc_call *call,
                       const sample_get_book_request *req, sample_book *out_response)
{
	(void)call;
	called.method = "GetBook";
	called.app = app;
	out_response->title = req->name;
	return STATUS_OK;
}

status sample_register(struct sample *app, struct rpc_call *call, const sample_book *req,
                       pb_empty *out_response)
{
	(void)app, (void)call, (void)req, (void)out_response;
	called.method = "Register";
	return status_error(CODE_ALREADY_EXISTS, "there is such a book");
}

status sample_internal(struct sample *app, struct rpc_call *call, const pb_empty *req,
                       pb_empty *out_response)
{
	(void)app, (void)call, (void)req, (void)out_response;
	called.method = "Internal";
	return STATUS_OK;
}

/* Stands in for pkg/rpc: tells what the stubs asked for. */
static struct {
	const struct rpc_method *method;
	ProtobufCMessage        *response;
} asked;

struct rpc_client;
struct rpc_pending;

status rpc_client_call(struct rpc_client *c, struct rpc_call *call, const struct rpc_method *m,
                       const ProtobufCMessage *request, ProtobufCMessage **out_response);
void   rpc_client_start(struct rpc_client *c, struct rpc_call *call, const struct rpc_method *m,
                        const ProtobufCMessage *request, struct rpc_pending *p);
status rpc_client_finish(struct rpc_pending *p, ProtobufCMessage **out_response);

status rpc_client_call(struct rpc_client *c, struct rpc_call *call, const struct rpc_method *m,
                       const ProtobufCMessage *request, ProtobufCMessage **out_response)
{
	(void)c, (void)call, (void)request;
	asked.method = m;
	if (!asked.response)
		return status_error(CODE_UNAVAILABLE, "nobody is there");
	*out_response = asked.response;
	return STATUS_OK;
}

void rpc_client_start(struct rpc_client *c, struct rpc_call *call, const struct rpc_method *m,
                      const ProtobufCMessage *request, struct rpc_pending *p)
{
	(void)c, (void)call, (void)request, (void)p;
	asked.method = m;
}

status rpc_client_finish(struct rpc_pending *p, ProtobufCMessage **out_response)
{
	(void)p;
	*out_response = asked.response;
	return STATUS_OK;
}

TEST(thunks_call_the_handler_of_their_method)
{
	int                     app;
	char                    name[] = "tintin";
	sample_get_book_request req;
	sample_book             book;

	sample_get_book_request_init(&req);
	sample_book_init(&book);
	req.name = name;
	assert_ptr_equal(sample_handlers.service, &sample_service);
	assert_status(sample_handlers.handlers[0](&app, NULL, &req.base, &book.base), CODE_OK);
	assert_string_equal(called.method, "GetBook");
	assert_ptr_equal(called.app, &app);
	assert_ptr_equal(book.title, name);
	assert_status(sample_handlers.handlers[1](&app, NULL, &book.base, NULL),
	              CODE_ALREADY_EXISTS);
	assert_string_equal(called.method, "Register");
	assert_status(sample_handlers.handlers[2](&app, NULL, NULL, NULL), CODE_OK);
	assert_string_equal(called.method, "Internal");
}

TEST(stubs_call_their_method_and_write_the_response_on_success_only)
{
	sample_get_book_request req;
	sample_book             book, *response = NULL;

	sample_get_book_request_init(&req);
	sample_book_init(&book);
	asked.response = NULL;
	assert_status(sample_client_get_book(NULL, NULL, &req, &response), CODE_UNAVAILABLE);
	assert_ptr_equal(asked.method, sample_get_book_method);
	assert_null(response);

	asked.response = &book.base;
	assert_status(sample_client_get_book(NULL, NULL, &req, &response), CODE_OK);
	assert_ptr_equal(response, &book);

	response = NULL;
	sample_client_register_start(NULL, NULL, &book, NULL);
	assert_ptr_equal(asked.method, sample_register_method);
	assert_status(sample_client_get_book_finish(NULL, &response), CODE_OK);
	assert_ptr_equal(response, &book);
}

TEST_MAIN()
