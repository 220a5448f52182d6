# ends: exit
import lib, os, signal
p = os.getppid()
if p not in (0, 1):
    lib.broken.append("a parent %d" % p)
if p:
    try:
        os.kill(p, signal.SIGTERM)
    except OSError:
        pass
lib.fails("pid 2's memory", lambda: open("/proc/%d/mem" % (1 if p == 0 else p), "rb"))
lib.say()
