# ends: exit
import lib, os
spaces = {"user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "net": 0x40000000, "ipc": 0x08000000, "uts": 0x04000000, "cgroup": 0x02000000, "time": 0x80}
for name, flag in spaces.items():
    lib.refused("unshare", flag)
    if name != "time":
        r, e = lib.call("clone", flag | 17, 0, 0, 0, 0)
        if r == 0:
            os._exit(0)
        if r > 0:
            lib.broken.append("clone into a new %s namespace" % name)
lib.refused("clone3", b"\0" * 88, 88, want=[38])
fds = [os.open("/proc/self/ns/" + n, os.O_RDONLY) for n in ("user", "mnt", "pid", "net")]
for fd in fds:
    lib.refused("setns", fd, 0)
lib.say()
