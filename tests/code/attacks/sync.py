# ends: exit
# the host's disks are not a program's to wait for
import lib
lib.refused("sync")
lib.say()
