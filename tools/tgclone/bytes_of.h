/*
 * The bytes of a file as the server gives them, hashed while they come: for verify --bytes. Nothing is
 * stored; several parts are asked for at once.
 */
#ifndef TGCLONE_BYTES_OF_H
#define TGCLONE_BYTES_OF_H

#include "tools/tgclone/client.h"

/* The message whose file it is: a reference that has got too old is asked for there. */
struct bytes_source {
	const struct chat_info *chat;
	int32_t message;
};

/* 0, or an exit code after an error line. size: what the message says; other lengths are an error. */
int bytes_of(struct client *, const struct bytes_source *, const struct media_file *,
	     uint8_t digest[32]);

#endif
