# ends: exit
import lib, os
for fd in range(3, 4096):
    try:
        os.fstat(fd)
        lib.broken.append("%d is open" % fd)
    except OSError:
        pass
for fd in (0, 1, 2):
    link = os.readlink("/proc/self/fd/%d" % fd)
    if not link.startswith("pipe:"):
        lib.broken.append(link)
lib.say()
