/* The other end of the control socket: `tgsim ctl` and `tgsim dump`. */
#ifndef TGSIM_CTL_H
#define TGSIM_CTL_H

/* argv[0] is "ctl" or "dump". Prints the answer; returns the exit code. */
int ctl_main(int argc, char **argv);

#endif
