/* filter.c - the system calls that a program in a box may make: a list of what is allowed.
 *
 * What is left out on purpose, beyond what needs privileges anyway: all that reaches other
 * processes (ptrace, process_vm_*, kcmp, pidfd_getfd), new namespaces and mounts, sockets but pairs
 * within a box, kernel memory that no limit counts (System V IPC, message queues, memfd_create,
 * keys, inotify, io_uring, AIO), pages that move between pipes and files (splice, tee, vmsplice),
 * and interfaces with a history (bpf, perf, userfaultfd, personality, name_to_handle_at). */
#include "config.h"

#include "host/exec/cage/filter.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/fs.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

static const char *const allowed[] = {
	/* files */
	"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2",
	"pwritev2", "open", "openat", "openat2", "creat", "close", "close_range", "lseek", "_llseek",
	"stat", "fstat", "lstat", "newfstatat", "fstatat64", "stat64", "fstat64", "lstat64",
	"statx", "access", "faccessat", "faccessat2", "truncate", "ftruncate", "truncate64",
	"ftruncate64", "fallocate", "fadvise64", "readahead", "fsync", "fdatasync", "flock",
	"fcntl", "fcntl64", "getdents", "getdents64", "getcwd", "chdir", "fchdir", "rename",
	"renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "link", "linkat", "unlink",
	"unlinkat", "symlink", "symlinkat", "readlink", "readlinkat", "chmod", "fchmod",
	"fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "umask", "utime",
	"utimes", "utimensat", "futimesat", "statfs", "fstatfs", "statfs64", "fstatfs64",
	"sendfile", "sendfile64", "copy_file_range", "dup", "dup2", "dup3", "pipe", "pipe2",
	/* waiting */
	"poll", "ppoll", "select", "_newselect", "pselect6", "epoll_create", "epoll_create1",
	"epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2",
	"signalfd", "signalfd4", "timerfd_create", "timerfd_settime", "timerfd_gettime",
	/* memory */
	"brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "msync", "mincore",
	"mlock", "mlock2", "munlock", "munlockall", "membarrier", "get_mempolicy",
	/* processes and threads */
	"fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4", "waitid",
	"waitpid", "getpid", "gettid", "getppid", "getpgid", "getpgrp", "setpgid", "getsid",
	"setsid", "set_tid_address", "set_robust_list", "get_robust_list", "futex",
	"futex_waitv", "rseq", "arch_prctl", "set_thread_area", "get_thread_area", "sched_yield",
	"sched_getaffinity", "sched_setaffinity", "sched_getparam", "sched_setparam",
	"sched_getscheduler", "sched_setscheduler", "sched_get_priority_max",
	"sched_get_priority_min", "sched_rr_get_interval", "sched_getattr", "getpriority",
	"setpriority", "getcpu", "getrlimit", "ugetrlimit", "setrlimit", "prlimit64", "getrusage",
	"times", "sysinfo", "uname", "pidfd_open", "pidfd_send_signal",
	/* who one is: there is but one user to be */
	"getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups",
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid",
	"setfsgid", "capget",
	/* signals and time */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait",
	"rt_sigsuspend", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "sigaltstack", "sigreturn",
	"kill", "tkill", "tgkill", "pause", "alarm", "nanosleep", "clock_nanosleep",
	"getitimer", "setitimer", "timer_create", "timer_settime", "timer_gettime",
	"timer_getoverrun", "timer_delete", "time", "gettimeofday", "clock_gettime",
	"clock_getres", "restart_syscall", "getrandom",
	/* on sockets that one has: pairs, and the channel */
	"sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg", "shutdown",
	"getsockname", "getpeername", "getsockopt", "send", "recv",
};

static const char *const forbidden[] = {
	"socket", "bind", "connect", "listen", "accept", "accept4", "ptrace", "process_vm_readv",
	"process_vm_writev", "kcmp", "pidfd_getfd", "unshare", "setns", "mount", "umount",
	"umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsmount",
	"fsconfig", "fspick", "mount_setattr", "swapon", "swapoff", "reboot", "kexec_load",
	"kexec_file_load", "init_module", "finit_module", "delete_module", "bpf",
	"perf_event_open", "userfaultfd", "add_key", "keyctl", "request_key", "quotactl", "acct",
	"settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "stime", "syslog",
	"sethostname", "setdomainname", "iopl", "ioperm", "vhangup", "name_to_handle_at",
	"open_by_handle_at", "setgroups", "capset", "io_uring_setup", "io_uring_enter",
	"io_uring_register", "fanotify_init", "lookup_dcookie", "mbind", "set_mempolicy",
	"migrate_pages", "move_pages",
};

static const char *const unsupported[] = {
	"getxattr", "lgetxattr", "fgetxattr", "setxattr", "lsetxattr", "fsetxattr", "listxattr",
	"llistxattr", "flistxattr", "removexattr", "lremovexattr", "fremovexattr",
};

/* One argument must be one of these. */
static const struct {
	const char *name;
	unsigned int arg;
	uint64_t value;
} one_of[] = {
	{ "ioctl", 1, TCGETS },
	{ "ioctl", 1, TCSETS },
	{ "ioctl", 1, TCSETSW },
	{ "ioctl", 1, TCSETSF },
	{ "ioctl", 1, TIOCGWINSZ },
	{ "ioctl", 1, TIOCGPGRP },
	{ "ioctl", 1, FIONREAD },
	{ "ioctl", 1, FIONBIO },
	{ "ioctl", 1, FIOASYNC },
	{ "ioctl", 1, FIOCLEX },
	{ "ioctl", 1, FIONCLEX },
	{ "ioctl", 1, FICLONE },
	{ "ioctl", 1, FICLONERANGE },
	{ "ioctl", 1, FS_IOC_GETFLAGS },
	{ "prctl", 0, PR_SET_NAME },
	{ "prctl", 0, PR_GET_NAME },
	{ "prctl", 0, PR_SET_PDEATHSIG },
	{ "prctl", 0, PR_GET_PDEATHSIG },
	{ "prctl", 0, PR_GET_DUMPABLE },
	{ "prctl", 0, PR_SET_DUMPABLE },
	{ "prctl", 0, PR_CAPBSET_READ },
	{ "prctl", 0, PR_SET_NO_NEW_PRIVS },
	{ "prctl", 0, PR_GET_NO_NEW_PRIVS },
	{ "prctl", 0, PR_GET_SECCOMP },
	{ "prctl", 0, PR_GET_TIMERSLACK },
	{ "prctl", 0, PR_SET_TIMERSLACK },
	{ "prctl", 0, PR_SET_VMA },
	{ "personality", 0, 0 },
	{ "personality", 0, 0xffffffff },
};

/* What of setsockopt a pair of sockets needs: no filters, no credentials, no
 * larger buffers. */
static const int socket_options[] = {
	SO_REUSEADDR, SO_KEEPALIVE, SO_RCVTIMEO, SO_SNDTIMEO, SO_RCVLOWAT,
};

static int rule(scmp_filter_ctx f, uint32_t act, const char *name, unsigned int n,
		const struct scmp_arg_cmp *cmp)
{
	int nr = seccomp_syscall_resolve_name(name);

	/* no such call on this architecture, or unknown to the library: it is not allowed then */
	return nr < 0 ? 0 : seccomp_rule_add_array(f, act, nr, n, cmp);
}

static int lists(scmp_filter_ctx f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		r = rule(f, SCMP_ACT_ALLOW, allowed[i], 0, NULL);
	for (size_t i = 0; r == 0 && i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		r = rule(f, SCMP_ACT_ERRNO(EPERM), forbidden[i], 0, NULL);
	for (size_t i = 0; r == 0 && i < sizeof(unsupported) / sizeof(unsupported[0]); i++)
		r = rule(f, SCMP_ACT_ERRNO(EOPNOTSUPP), unsupported[i], 0, NULL);
	return r;
}

static int by_argument(scmp_filter_ctx f)
{
	const uint64_t spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
				CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
	struct scmp_arg_cmp c[3];
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(one_of) / sizeof(one_of[0]); i++) {
		/* the kernel looks at 32 bits */
		c[0] = SCMP_CMP64(one_of[i].arg, SCMP_CMP_MASKED_EQ, 0xffffffff, one_of[i].value);
		r = rule(f, SCMP_ACT_ALLOW, one_of[i].name, 1, c);
	}
	for (size_t i = 0; r == 0 && i < sizeof(socket_options) / sizeof(int); i++) {
		c[0] = SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, 0xffffffff, SOL_SOCKET);
		c[1] = SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, 0xffffffff, (uint64_t)socket_options[i]);
		r = rule(f, SCMP_ACT_ALLOW, "setsockopt", 2, c);
	}
	/* pairs that stay pairs: datagrams could be sent to others, by name */
	c[0] = SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, 0xffffffff, AF_UNIX);
	c[1] = SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, 0xff, SOCK_STREAM);
	if (r == 0)
		r = rule(f, SCMP_ACT_ALLOW, "socketpair", 2, c);
	c[1] = SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, 0xff, SOCK_SEQPACKET);
	if (r == 0)
		r = rule(f, SCMP_ACT_ALLOW, "socketpair", 2, c);
	c[0] = SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, spaces | CLONE_PARENT | CLONE_PTRACE, 0);
	if (r == 0)
		r = rule(f, SCMP_ACT_ALLOW, "clone", 1, c);
	/* named pipes and plain files; nothing else */
	for (unsigned int at = 0; r == 0 && at < 2; at++) {
		c[0] = SCMP_CMP64(1 + at, SCMP_CMP_MASKED_EQ, S_IFMT, S_IFIFO);
		r = rule(f, SCMP_ACT_ALLOW, at ? "mknodat" : "mknod", 1, c);
		c[0] = SCMP_CMP64(1 + at, SCMP_CMP_MASKED_EQ, S_IFMT, S_IFREG);
		if (r == 0)
			r = rule(f, SCMP_ACT_ALLOW, at ? "mknodat" : "mknod", 1, c);
	}
	return r;
}

static int export(scmp_filter_ctx f, struct box_rules *rules)
{
	int fd = memfd_create("filter", MFD_CLOEXEC), r;
	ssize_t n;

	if (fd < 0)
		return -errno;
	r = seccomp_export_bpf(f, fd);
	if (r < 0)
		goto out;
	n = pread(fd, rules->filter, sizeof(rules->filter), 0);
	if (n <= 0 || (size_t)n == sizeof(rules->filter) || n % (ssize_t)sizeof(rules->filter[0])) {
		r = -E2BIG;
		goto out;
	}
	rules->n_filter = (uint32_t)((size_t)n / sizeof(rules->filter[0]));
out:
	(void)close(fd);
	return r;
}

int box_filter_make(struct box_rules *rules)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int r;

	if (!f)
		return -ENOMEM;
	r = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* a tree over the numbers, not a list; older libraries lack it */
	(void)seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0)
		r = lists(f);
	if (r == 0)
		r = by_argument(f);
	if (r == 0)
		r = export(f, rules);
	seccomp_release(f);
	return r;
}
