# ends: exit
import os
n = 0
try:
    while n < 100000:
        os.open("/dev/null", os.O_RDONLY)
        n += 1
    print("broken")
except OSError:
    print("held" if n < 1024 else "broken")
