/* A kernel without randomness: there is no second source, so the process stops (X7). */
#include "engine/ring/ring.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* From here on the kernel refuses getrandom with this errno. */
static void refuse_randomness(int error)
{
	struct sock_filter rules[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(rules) / sizeof(rules[0]), rules};

	cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	cr_assert_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void draw(int error)
{
	struct ring_options o = {.entries = 16};
	struct ring *ring;
	uint8_t out[32] = {0};

	cr_assert_eq(ring_open_poll(&ring, &o), 0);
	ring_random(ring, out, sizeof(out)); /* it works */
	refuse_randomness(error);
	ring_random(ring, out, sizeof(out));
}

/* Rows: X7 */
Test(hostile_random, refused_is_fatal, .signal = SIGABRT)
{
	draw(EPERM);
}

/* Rows: X7 */
Test(hostile_random, missing_is_fatal, .signal = SIGABRT)
{
	draw(ENOSYS);
}
