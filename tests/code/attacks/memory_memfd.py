# ends: exit
import lib
lib.refused("memfd_create", b"x", 0)
lib.refused("memfd_secret", 0)
lib.say()
