# ends: exit
import lib, socket
a, b = socket.socketpair()
for option in (26, 50, 27, 51, 52):
    lib.fails("SO_ATTACH_FILTER", a.setsockopt, socket.SOL_SOCKET, option, b"\0" * 16)
lib.say()
