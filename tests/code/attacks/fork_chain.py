# ends: wall cpu exit
# always a new process, the old one gone: nobody to kill by name
import os
if os.fork() == 0:
    os.setsid()
    while True:
        try:
            if os.fork():
                os._exit(0)
        except OSError:
            pass
import time
time.sleep(5)
