/*
 * Any bytes as an e-mail address, a name, a picture: what has a form is short, ASCII and printable.
 */
#include "pb/validate.h"
#include "test/fuzz/fuzz.h"

enum { LONGEST = 90000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str s = {(const char *)data, size};

	if (!pb_is_email(s) && !pb_is_pseudo(s) && !pb_is_channel(s) && !pb_is_picture(s))
		return 0;
	fuzz_require(size > 0 && size < LONGEST);
	for (size_t i = 0; i < size; i++)
		fuzz_require(data[i] > ' ' && data[i] < 0x7f);
	return 0;
}
