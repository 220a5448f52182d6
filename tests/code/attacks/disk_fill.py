# ends: exit wall cpu
import os
n = 0
try:
    for i in range(1000):
        with open("/tmp/f%d" % i, "wb", buffering=0) as f:
            while True:
                n += f.write(b"x" * (1 << 20))
                if n > 64 << 20:
                    print("broken")
                    raise SystemExit
except OSError:
    print("held")
