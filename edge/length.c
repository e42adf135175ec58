#include "edge/internal.h"

/* h2o picks one of the headers and hides both: they still stand in the connection's input. */
static bool counts_length(str line)
{
	str name, value;

	if (!str_cut(line, ':', &name, &value))
		return false;
	return str_eq_nocase(name, STR("content-length")) ||
	       str_eq_nocase(name, STR("transfer-encoding"));
}

/* RFC 9112 6.1 and 6.3: such a message ought to be handled as an error. */
bool edge_has_ambiguous_length(const h2o_req_t *req)
{
	h2o_socket_t *sock;
	str rest, line;
	int lengths = 0;

	if (req->version >= 0x200)
		return false;
	sock = req->conn->callbacks->get_socket(req->conn);
	rest = (str){sock->input->bytes, sock->input->size};
	while (str_cut(rest, '\n', &line, &rest)) {
		if (line.len == 0 || str_eq(line, STR("\r")))
			break;
		lengths += counts_length(line);
	}
	return lengths > 1;
}
