# ends: exit
import lib, socket
for family in (1, 2, 10, 16, 17, 38, 40, 44, 15, 31, 3, 4, 5, 9, 21, 29, 30, 35, 36, 39, 41, 42, 43, 45):
    for kind in (1, 2, 3, 5):
        for proto in (0, 1, 6, 17, 255):
            lib.refused("socket", family, kind, proto)
lib.say()
