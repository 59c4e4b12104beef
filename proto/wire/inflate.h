/* gzip_packed (messages.md 11): bounded both ways. */
#ifndef TGCLONE_WIRE_INFLATE_H
#define TGCLONE_WIRE_INFLATE_H

#include "proto/base/bytes.h"

enum inflate_status { INFLATE_OK, INFLATE_BAD, INFLATE_TOO_LARGE };

enum { INFLATE_OUT_MAX = 16 << 20 };

/* One gzip (or zlib) stream, no trailing bytes, into out; *out_len is what came. */
enum inflate_status inflate_object(struct cspan packed, struct span out, size_t *out_len);
/* gzip of in; returns the length, 0 when it does not fit in out. */
size_t deflate_object(struct cspan in, struct span out);

#endif
