# ends: exit
import lib, os
f = lib.facts()
pids = [int(p) for p in os.listdir("/proc") if p.isdigit()]
others = [p for p in pids if p not in (1, os.getpid())]
if others:
    lib.broken.append("processes %s are seen" % others)
for name in ("mem", "maps", "environ", "root", "cwd", "exe", "fd/3", "stack", "syscall", "auxv", "ns/mnt", "ns/user"):
    p = "/proc/1/" + name
    try:
        if name in ("fd/3", "root", "cwd", "exe", "ns/mnt", "ns/user"):
            os.readlink(p)
        else:
            open(p, "rb").read(1)
        lib.broken.append(p + " can be read")
    except OSError:
        pass
lib.say()
