# ends: exit
# what a run leaves must not be there in the next: leftovers_read looks
for d in ("/tmp", "/dev/shm", "/box", "/box/work", "/box/tmp"):
    try:
        open(d + "/meed-left", "w").write("x")
    except OSError:
        pass
print("held")
