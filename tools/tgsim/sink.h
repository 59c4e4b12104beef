/* Text that grows: for JSON, the log and the control socket. Out of memory ends the simulator. */
#ifndef TGSIM_SINK_H
#define TGSIM_SINK_H

#include "proto/base/bytes.h"

struct sink {
	char *at; /* NUL-terminated as soon as something was put */
	size_t len, room;
};

void sink_init(struct sink *);
void sink_free(struct sink *);
/* Forget the content, keep the memory. */
void sink_clear(struct sink *);
/* n bytes more at the end, to be filled by the caller; the text counts them already. */
char *sink_grow(struct sink *, size_t n);
void sink_put(struct sink *, const char *);
void sink_put_n(struct sink *, const char *, size_t n);
void sink_printf(struct sink *, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));
/* A JSON string with its quotes; bytes that are no UTF-8 become U+FFFD. */
void sink_json(struct sink *, struct cspan);
void sink_json_str(struct sink *, const char *);

/* Whole file into the text; 0 or -errno. */
int sink_read_file(struct sink *, const char *path);
/* Beside the file first, then renamed onto it: 0 or -errno. */
int sink_write_file(const struct sink *, const char *path, int mode);

#endif
