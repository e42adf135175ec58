/*
 * Any bytes as a message: the first byte says of which type, and with how much room. What the check
 * lets pass is unpacked, or there was no room; once packed again it is the same for good.
 */
#include "base/mem.h"
#include "google/protobuf/struct.pb-c.h"
#include "pb/message.h"
#include "pb_sample.pb-c.h"
#include "test/fuzz/fuzz.h"

enum { ENOUGH = 1 << 28, LITTLE = 64 };

static ProtobufCMessage *unpack(struct arena *a, const ProtobufCMessageDescriptor *d, str wire)
{
	ProtobufCMessage *m;

	fuzz_require(pb_unpack(a, d, wire, &m).code == CODE_OK);
	return m;
}

static void pack(const ProtobufCMessage *m, struct buf *wire)
{
	fuzz_require(pb_pack(m, wire).code == CODE_OK);
}

/* Fails cleanly in an arena of any size. */
static void unpack_in(size_t ceiling, const ProtobufCMessageDescriptor *d, str wire)
{
	AUTO(arena_fini) struct arena a = {.ceiling = ceiling};
	ProtobufCMessage             *m;
	enum code                     code = pb_unpack(&a, d, wire, &m).code;

	fuzz_require(code == CODE_OK || code == CODE_RESOURCE_EXHAUSTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const ProtobufCMessageDescriptor *const types[] = {
	        &canaduck__test__sample__descriptor,
	        &google__protobuf__value__descriptor,
	};
	AUTO(arena_fini) struct arena     a = {.ceiling = ENOUGH};
	AUTO(buf_fini) struct buf         first = {.ceiling = ENOUGH}, second = {.ceiling = ENOUGH};
	const ProtobufCMessageDescriptor *d;
	str                               wire;

	if (size == 0)
		return 0;
	d = types[data[0] % 2];
	wire = (str){(const char *)data + 1, size - 1};
	if (pb_check(d, wire).code != CODE_OK)
		return 0;
	unpack_in((size_t)data[0] * LITTLE, d, wire);
	pack(unpack(&a, d, wire), &first);
	pack(unpack(&a, d, buf_str(&first)), &second);
	fuzz_require(str_eq(buf_str(&first), buf_str(&second)));
	return 0;
}
