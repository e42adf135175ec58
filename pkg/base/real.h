/*
 * base/real.h - doubles as text that reads back as the same double.
 */
#ifndef BASE_REAL_H
#define BASE_REAL_H

#include <stddef.h>

enum { REAL_BYTES = 32 };

/*
 * Prints v, which is finite, with the fewest of 15 to 17 digits that read back as v, without
 * trailing zeros: "48.8566", "0.30000000000000004", "1e+300", "-0". Returns its length.
 */
size_t real_print(char out[REAL_BYTES], double v);

#endif
