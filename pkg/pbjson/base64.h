/*
 * pbjson/base64.h - bytes as text (RFC 4648): how JSON carries a bytes field.
 */
#ifndef PBJSON_BASE64_H
#define PBJSON_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* Most bytes that text of n characters stands for. */
size_t pbjson_base64_max_decoded(size_t n);

/*
 * Decodes either alphabet, standard or URL-safe, padded in full or not at all. out has room for
 * pbjson_base64_max_decoded(). False if s is not base64, or its last bits are not zero.
 */
bool pbjson_base64_decode(str s, uint8_t *out, size_t *out_len);

/* Appends n bytes in the standard alphabet, padded. */
void pbjson_base64_print(struct buf *out, const uint8_t *p, size_t n);

#endif
