/* The other end of the control socket: `tgsim ctl` and `tgsim dump`. */
#ifndef TGSIM_CTL_H
#define TGSIM_CTL_H

#include <stdbool.h>

/* Whether a simulator listens in that directory. */
bool ctl_answers(const char *dir);
/* argv[0] is "ctl" or "dump". Prints the answer; returns the exit code. */
int ctl_main(int argc, char **argv);

#endif
