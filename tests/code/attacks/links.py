# ends: exit
import lib, os
for f in ("/etc/passwd", "/usr/bin/env", "/proc/self/status", "/dev/null"):
    lib.fails("a hard link to " + f, os.link, f, "link")
os.symlink("/", "root")
os.symlink("/etc/shadow", "shadow")
lib.fails("the shadow file", lambda: open("shadow").read())
lib.fails("a file beyond a link", lambda: open("root/x", "w"))
lib.say()
