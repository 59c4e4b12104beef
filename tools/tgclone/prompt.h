/*
 * Asking the user: phone, code, password. On a terminal with a question (secrets without echo),
 * else one line each from stdin, in the order asked.
 */
#ifndef TGCLONE_TOOLS_PROMPT_H
#define TGCLONE_TOOLS_PROMPT_H

#include "proto/base/bytes.h"

enum { PROMPT_MAX = 256 };

/*
 * One line without its end into out. 0, or: -ENODATA end of input, -EINTR cancelled (Ctrl-C or a
 * signal, which is then delivered, or pending where the caller has blocked it), -EMSGSIZE too long,
 * -errno. After an error out is wiped. The question goes to stderr; nothing is asked when stdin is
 * no terminal.
 */
int prompt_line(const char *question, bool secret, char *out, size_t size);
/* One line from an open file descriptor; the same errors. Never reads beyond the line. */
int prompt_fd(int fd, char *out, size_t size);

#endif
