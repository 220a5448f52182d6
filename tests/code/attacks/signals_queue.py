# ends: exit wall cpu
# queued signals and timers are kernel memory
import ctypes, signal, lib, os
signal.pthread_sigmask(signal.SIG_BLOCK, [40])
n = 0
while n < 100000 and lib.libc.sigqueue(os.getpid(), 40, None) == 0:
    n += 1
timers, t = 0, ctypes.c_void_p()
while timers < 100000 and lib.libc.timer_create(0, None, ctypes.byref(t)) == 0:
    timers += 1
if n >= 100000 or timers >= 100000:
    lib.broken.append("%d signals, %d timers" % (n, timers))
lib.say()
