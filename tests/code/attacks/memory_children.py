# ends: memory
# wall: 8000
import os, time
for i in range(12):
    if os.fork() == 0:
        b = bytearray(48 << 20)
        for k in range(0, len(b), 4096):
            b[k] = 1
        time.sleep(30)
time.sleep(30)
