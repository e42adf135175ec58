/*
 * fuzz/fuzz.h - what a fuzz target defines: libFuzzer's entry point.
 */
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run where a claim does not hold; unlike assert(), in every build. */
static inline void fuzz_require(int claim)
{
	if (!claim)
		abort();
}

#endif
