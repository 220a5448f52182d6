# ends: exit
import lib, os, signal
f = lib.facts()
for pid in (int(f["pid"]), int(f["harness"])):
    lib.fails("kill %d" % pid, os.kill, pid, signal.SIGKILL)
try:
    os.kill(1, signal.SIGKILL)      # ignored: it is the init of this namespace
except OSError:
    pass
try:
    os.kill(-1, signal.SIGKILL)     # all but init and oneself
except OSError:
    pass
lib.say()
