# ends: exit
import lib
fd = lib.call("pidfd_open", 1, 0)[0]
if fd >= 0:
    for n in range(10):
        lib.refused("pidfd_getfd", fd, n, 0)
lib.say()
