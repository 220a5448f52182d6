# ends: exit
import lib, os, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
fd = os.open("big", os.O_CREAT | os.O_RDWR)
lib.fails("a sparse file of 1 TB", os.ftruncate, fd, 1 << 40)
lib.fails("fallocate", os.posix_fallocate, fd, 0, 1 << 40)
lib.fails("a byte at 1 TB", os.pwrite, fd, b"x", 1 << 40)
lib.say()
