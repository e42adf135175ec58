#include "edge/length.h"

#include "test/support/test.h"

TEST(a_head_that_gives_the_length_twice_is_ambiguous)
{
	static const struct {
		const char *head;
		bool        ambiguous;
	} cases[] = {
	        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", false},
	        {"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", false},
	        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", false},
	        {"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
	         true},
	        {"POST / HTTP/1.1\r\ncontent-LENGTH: 3\r\nContent-Length: 3\r\n\r\n", true},
	        {"POST / HTTP/1.1\nContent-Length: 3\nContent-Length: 4\n\n", true},
	        {"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nContent-Length: 3\r\n", false},
	        {"POST / HTTP/1.1\r\nX-Content-Length: 3\r\nContent-Length: 3\r\n\r\n", false},
	        {"POST / HTTP/1.1\r\nTransfer-Encoding : a\r\nContent-Length: 3\r\n\r\n", true},
	        {"\r\nPOST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
	         true},
	        {"\nPOST / HTTP/1.1\nContent-Length: 3\n\nContent-Length: 3\n", false},
	        {"\r\n\r\n", false},
	        {"", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(edge_length_is_ambiguous(str_c(cases[i].head)),
		                 cases[i].ambiguous);
}

TEST_MAIN()
