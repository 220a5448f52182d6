# ends: exit memory wall cpu
# kernel memory: full pipes
import os
n = 0
try:
    while n < 100000:
        r, w = os.pipe()
        os.set_blocking(w, False)
        try:
            while os.write(w, b"x" * 65536):
                n += 1
        except BlockingIOError:
            pass
    print("broken")
except OSError:
    print("held")
