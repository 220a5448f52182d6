# ends: exit
import fcntl, lib, os
for request in (0x5412, 0x541C, 0x540E, 0x5430, 0x5602, 0x4B3A):    # TIOCSTI, TIOCLINUX, TIOCSCTTY, TIOCGPTN, VT, KD
    for fd in (0, 1, 2):
        lib.fails("ioctl %#x" % request, fcntl.ioctl, fd, request, b"x" * 8)
lib.fails("a terminal", os.open, "/dev/tty", os.O_RDWR)
lib.fails("a pseudo-terminal", os.openpty)
lib.say()
