/*
 * The bytes of a file as the server gives them, hashed while they come: for verify --bytes. Nothing is
 * stored; several parts are asked for at once.
 */
#ifndef TGCLONE_BYTES_OF_H
#define TGCLONE_BYTES_OF_H

#include "tools/tgclone/client.h"

/* 0, or an exit code after an error line. size: what the message says; other lengths are an error. */
int bytes_of(struct client *, const struct media_file *, uint8_t digest[32]);

#endif
