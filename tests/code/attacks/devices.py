# ends: exit
import lib, os, stat
for name, (major, minor) in {"mem": (1, 1), "kmem": (1, 2), "sda": (8, 0), "vda": (254, 0), "null": (1, 3), "tty": (5, 0), "fuse": (10, 229), "kvm": (10, 232)}.items():
    for kind in (stat.S_IFCHR, stat.S_IFBLK):
        lib.fails("mknod " + name, os.mknod, "dev-" + name, kind | 0o666, os.makedev(major, minor))
lib.not_there("/dev/tty", "/dev/console", "/dev/ptmx", "/dev/pts", "/dev/mem", "/dev/kmsg", "/dev/fuse", "/dev/kvm", "/dev/net", "/dev/vda", "/dev/sda", "/dev/dri", "/dev/log", "/dev/mqueue", "/dev/hugepages")
extra = set(os.listdir("/dev")) - {"null", "zero", "full", "random", "urandom", "fd", "stdin", "stdout", "stderr", "shm"}
if extra:
    lib.broken.append("/dev has %s" % extra)
lib.say()
