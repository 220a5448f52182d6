# ends: exit
import ctypes, lib, socket, struct
name = lib.facts()["abstract"].encode()
address = struct.pack("H", 1) + b"\0" + name
a, b = socket.socketpair()
for fd in (a.fileno(), b.fileno()):
    lib.refused("connect", fd, address, len(address))
    lib.refused("bind", fd, address, len(address))
    lib.refused("listen", fd, 1)
    lib.refused("accept", fd, 0, 0)
for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
    lib.fails("a pair of datagram sockets", socket.socketpair, socket.AF_UNIX, kind)
try:
    s, t = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.sendmsg([b"x"], [], 0, b"\0" + name)
except OSError:
    pass
lib.say()
