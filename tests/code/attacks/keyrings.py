# ends: exit
import lib
lib.refused("add_key", b"user", b"meed", b"x", 1, -3)
lib.refused("request_key", b"user", b"meed", 0, -3)
for op in (0, 1, 11, 22):
    lib.refused("keyctl", op, -3, 0, 0, 0)
lib.say()
