# ends: exit wall cpu
import os
n = 0
try:
    while n < 100000:
        if os.fork() == 0:
            os._exit(0)
        n += 1
    print("broken")
except OSError:
    print("held" if n < 100 else "broken: %d" % n)
