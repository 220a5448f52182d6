# ends: exit
# a sibling instead of a child: for a warm program that would be the interpreter's
import lib, os
r, e = lib.call("clone", 0x8000 | 17, 0, 0, 0, 0)
if r == 0:
    os._exit(0)
if r > 0:
    lib.broken.append("CLONE_PARENT")
lib.say()
