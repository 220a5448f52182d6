# ends: exit wall cpu
import os
try:
    for i in range(100000):
        os.mkdir("d" * 100)
        os.chdir("d" * 100)
except OSError:
    pass
print("held")
