# ends: exit
# the first process ends; another, of its own session, goes on holding stdout
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(100)
    os._exit(0)
os.wait()
print("held")
