# ends: exit wall cpu
n = 0
try:
    while n < 200000:
        open("f%d" % n, "w").close()
        n += 1
    print("broken")
except OSError:
    print("held" if n < 20000 else "broken: %d" % n)
