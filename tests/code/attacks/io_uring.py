# ends: exit
import lib
lib.refused("io_uring_setup", 8, b"\0" * 120)
lib.refused("io_setup", 8, b"\0" * 8)
lib.say()
