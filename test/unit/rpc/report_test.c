#include "rpc/report.h"

#include "test/support/test.h"

TEST(the_trace_id_is_the_second_part_of_a_traceparent)
{
	static const struct {
		const char *traceparent, *id;
	} cases[] = {
	        {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
	         "4bf92f3577b34da6a3ce929d0e0e4736"},
	        {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", ""},
	        {"", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_str(rpc_trace_id(str_c(cases[i].traceparent)), cases[i].id);
}

TEST_MAIN()
