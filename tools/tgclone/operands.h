/* Operands, looked at before anything is opened: how many there are, and whether they can name a chat. */
#ifndef TGCLONE_TOOLS_OPERANDS_H
#define TGCLONE_TOOLS_OPERANDS_H

#include "tools/tgclone/app.h"

/* 0, or EXIT_USAGE after one line that says which one is wrong and how. */
int operands_check(struct app *, const char *command);

#endif
