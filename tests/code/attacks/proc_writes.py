# ends: exit
import lib
for p in ("sysrq-trigger", "sys/kernel/core_pattern", "sys/kernel/modprobe", "sys/vm/overcommit_memory", "sys/fs/binfmt_misc/register", "self/oom_score_adj", "self/uid_map", "self/setgroups", "self/mem", "self/attr/current", "self/clear_refs", "self/coredump_filter", "self/timerslack_ns", "kcore", "kmsg", "scsi/scsi", "sys/net/ipv4/ip_forward", "sys/user/max_user_namespaces"):
    lib.fails("writing /proc/" + p, lambda: open("/proc/" + p, "r+b", buffering=0))
lib.not_there("/proc/kcore", "/proc/kallsyms", "/proc/sysrq-trigger", "/proc/keys", "/proc/sys/kernel/core_pattern")
lib.say()
