# ends: output
import os
for i in range(8):
    if os.fork() == 0:
        break
while True:
    os.write(1, b"x" * 4096)
