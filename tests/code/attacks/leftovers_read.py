# ends: exit
import lib
lib.not_there(*[d + "/meed-left" for d in ("/tmp", "/dev/shm", "/box", "/box/work", "/box/tmp")])
lib.say()
