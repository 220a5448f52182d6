# ends: exit wall cpu
# links cost the kernel memory, but no file
import os
open("f", "w").close()
n = 0
try:
    while n < 300000:
        os.link("f", "%0200d" % n)
        n += 1
    print("broken: %d" % n)
except OSError:
    print("held")
