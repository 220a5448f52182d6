# ends: exit
import lib, os
for d in ("/", "/usr", "/usr/bin", "/usr/local", "/usr/lib", "/etc", "/dev", "/meed", "/proc", "/proc/self", "/box/..", "/bin", "/lib"):
    lib.fails("a file in " + d, lambda: open(d + "/meed-attack", "w"))
    lib.fails("a folder in " + d, os.mkdir, d + "/meed-attack-d")
for f in ("/usr/bin/python3", "/etc/passwd", "/etc/ld.so.cache", "/usr/bin/env", "/meed/meed-cage"):
    lib.fails("writing " + f, lambda: open(f, "r+b"))
    lib.fails("truncating " + f, os.truncate, f, 0)
    lib.fails("removing " + f, os.unlink, f)
    lib.fails("changing " + f, os.chmod, f, 0o777)
    lib.fails("renaming " + f, os.rename, f, f + "x")
    lib.fails("touching " + f, os.utime, f, (0, 0))
for d in ("/", "/dev", "/etc", "/box"):
    if d != "/box":
        lib.fails("opening up " + d, os.chmod, d, 0o777)
    lib.fails("removing " + d, os.rmdir, d)
lib.say()
