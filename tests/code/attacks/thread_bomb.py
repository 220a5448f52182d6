# ends: exit wall cpu
import threading, time
n = 0
try:
    while n < 100000:
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        n += 1
except RuntimeError:
    pass
print("held" if n < 200 else "broken: %d threads" % n)
