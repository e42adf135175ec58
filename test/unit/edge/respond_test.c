#include "edge/respond.h"

#include "test/support/test.h"

TEST(codes_map_to_the_statuses_of_the_contract)
{
	static const struct {
		enum code code;
		int       http_status;
	} cases[] = {
	        {CODE_OK, 200},
	        {CODE_INVALID_ARGUMENT, 422},
	        {CODE_UNAUTHENTICATED, 401},
	        {CODE_PERMISSION_DENIED, 403},
	        {CODE_NOT_FOUND, 404},
	        {CODE_ALREADY_EXISTS, 409},
	        {CODE_FAILED_PRECONDITION, 409},
	        {CODE_RESOURCE_EXHAUSTED, 429},
	        {CODE_UNAVAILABLE, 503},
	        {CODE_DEADLINE_EXCEEDED, 504},
	        {CODE_INTERNAL, 500},
	        {CODE_DATA_LOSS, 500},
	        {(enum code)99, 500},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(edge_respond_http_status(cases[i].code), cases[i].http_status);
}

TEST_MAIN()
