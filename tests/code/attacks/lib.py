# lib.py - what attacks in Python share. An attack prints "held" if every attempt failed; each that
# succeeded is named.
import ctypes
import errno
import os
import platform
import sys

libc = ctypes.CDLL(None, use_errno=True)
broken = []

# System calls by number: (x86_64, aarch64).
numbers = {
    "accept": (43, 202), "acct": (163, 89), "add_key": (248, 217), "bind": (49, 200),
    "bpf": (321, 280), "chroot": (161, 51), "clock_settime": (227, 112), "clone": (56, 220),
    "clone3": (435, 435), "connect": (42, 203), "delete_module": (176, 106),
    "fanotify_init": (300, 262), "finit_module": (313, 273), "fsmount": (432, 432),
    "fsopen": (430, 430), "init_module": (175, 105), "inotify_init1": (294, 26),
    "io_setup": (206, 0), "io_uring_setup": (425, 425), "ioperm": (173, None), "iopl": (172, None),
    "kcmp": (312, 272), "kexec_load": (246, 104), "keyctl": (250, 219),
    "landlock_create_ruleset": (444, 444), "listen": (50, 201), "lookup_dcookie": (212, 18),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "mount": (165, 40),
    "mount_setattr": (442, 442), "move_mount": (429, 429), "mq_open": (240, 180),
    "msgget": (68, 186), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "open_tree": (428, 428), "perf_event_open": (298, 241), "personality": (135, 92),
    "pidfd_getfd": (438, 438), "pidfd_open": (434, 434), "pivot_root": (155, 41),
    "prctl": (157, 167), "process_madvise": (440, 440), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "ptrace": (101, 117), "quotactl": (179, 60),
    "reboot": (169, 142), "request_key": (249, 218), "seccomp": (317, 277), "semget": (64, 190),
    "setdomainname": (171, 162), "sethostname": (170, 161), "setns": (308, 268),
    "settimeofday": (164, 170), "shmget": (29, 194), "socket": (41, 198), "splice": (275, 76),
    "swapon": (167, 224), "sync": (162, 81), "syslog": (103, 116), "tee": (276, 77),
    "umount2": (166, 39), "unshare": (272, 97), "userfaultfd": (323, 282), "vmsplice": (278, 75),
}
column = {"x86_64": 0, "aarch64": 1}.get(platform.machine())


def call(name, *args):
    """Makes a system call; (result, errno)."""
    ctypes.set_errno(0)
    fixed = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    r = libc.syscall(ctypes.c_long(numbers[name][column]), *fixed)
    return r, ctypes.get_errno()


def refused(name, *args, want=None):
    """The call must fail, with one of the errors of want if that is given."""
    if column is None or numbers[name][column] is None:
        return
    r, e = call(name, *args)
    if r != -1:
        broken.append("%s%r gave %d" % (name, args, r))
    elif want and e not in want:
        broken.append("%s%r failed with %s" % (name, args, errno.errorcode.get(e, e)))


def fails(what, f, *args):
    """f(*args) must raise an OSError."""
    try:
        f(*args)
    except (OSError, MemoryError):
        return
    broken.append(what)


def not_there(*paths):
    for p in paths:
        if os.path.lexists(p):
            broken.append("%s is there" % p)


def say():
    print("held" if not broken else "broken: " + "; ".join(broken))
    sys.stdout.flush()


def facts():
    """What the harness tells about the host, on stdin: a dict of words."""
    return dict(line.split("=", 1) for line in sys.stdin.read().splitlines())
