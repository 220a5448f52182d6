# ends: exit
import lib, os
r, w = os.pipe()
f = os.open("/usr/bin/env", os.O_RDONLY)
lib.refused("splice", f, 0, w, 0, 4096, 0)
lib.refused("tee", r, w, 4096, 0)
lib.refused("vmsplice", w, b"\0" * 16, 1, 0)
lib.say()
