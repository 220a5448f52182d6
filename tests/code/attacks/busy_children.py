# ends: cpu wall
import os
for i in range(8):
    if os.fork() == 0:
        break
while True:
    pass
