# ends: exit
import lib, os
f = lib.facts()
for pid in (1, os.getppid(), int(f["pid"])):
    lib.refused("ptrace", 16, pid, 0, 0)        # ATTACH
    lib.refused("ptrace", 0x4206, pid, 0, 0)    # SEIZE
lib.refused("ptrace", 0, 0, 0, 0)               # TRACEME
lib.say()
