#include "edge/address.h"

#include <arpa/inet.h>
#include <string.h>

/* An IPv4 or IPv6 address, IPv4 in its mapped form (RFC 4291 2.5.5.2), so that one compare does. */
static bool parse(str text, struct in6_addr *out)
{
	char           copy[INET6_ADDRSTRLEN];
	struct in_addr v4;

	if (text.len == 0 || text.len >= sizeof copy)
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET6, copy, out) == 1)
		return true;
	if (inet_pton(AF_INET, copy, &v4) != 1)
		return false;
	memset(out, 0, sizeof *out);
	out->s6_addr[10] = out->s6_addr[11] = 0xff;
	memcpy(out->s6_addr + 12, &v4, sizeof v4);
	return true;
}

/* An address, or address/bits. */
static bool parse_network(str text, struct in6_addr *out_base, unsigned *out_bits)
{
	str      host = text, bits_text;
	uint64_t bits = 128;
	bool     is_v4 = str_find(text, ':') < 0;

	if (str_cut(text, '/', &host, &bits_text)) {
		if (!str_to_u64(bits_text, &bits) || bits > (is_v4 ? 32 : 128))
			return false;
		bits += is_v4 ? 96 : 0;
	}
	*out_bits = (unsigned)bits;
	return parse(host, out_base);
}

static bool is_in(const struct in6_addr *address, str network)
{
	struct in6_addr base;
	unsigned        bits;

	if (!parse_network(network, &base, &bits))
		return false;
	if (memcmp(address->s6_addr, base.s6_addr, bits / 8) != 0)
		return false;
	if (bits % 8 == 0)
		return true;
	return ((address->s6_addr[bits / 8] ^ base.s6_addr[bits / 8]) >> (8 - bits % 8)) == 0;
}

static bool is_trusted(str networks, const struct in6_addr *address)
{
	str one;

	while (str_next(&networks, ',', &one))
		if (is_in(address, str_trim(one)))
			return true;
	return false;
}

bool edge_address_are_networks(str list)
{
	struct in6_addr base;
	unsigned        bits;
	str             one;

	while (str_next(&list, ',', &one))
		if (!parse_network(str_trim(one), &base, &bits))
			return false;
	return true;
}

static str print(const struct in6_addr *address, struct arena *a)
{
	char *text = arena_alloc(a, INET6_ADDRSTRLEN);

	if (IN6_IS_ADDR_V4MAPPED(address))
		inet_ntop(AF_INET, address->s6_addr + 12, text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, address, text, INET6_ADDRSTRLEN);
	return str_c(text);
}

/* Each proxy appends whom it saw: read from the right, as far as we trust who wrote. */
str edge_address_choose(str peer, str forwarded_for, str trusted, struct arena *a)
{
	struct in6_addr address, next;

	if (!parse(peer, &address))
		return (str){"", 0};
	while (forwarded_for.len > 0 && is_trusted(trusted, &address)) {
		size_t at = forwarded_for.len;

		while (at > 0 && forwarded_for.ptr[at - 1] != ',')
			at--;
		if (!parse(str_trim(str_from(forwarded_for, at)), &next))
			break;
		address = next;
		forwarded_for.len = at ? at - 1 : 0;
	}
	return print(&address, a);
}
