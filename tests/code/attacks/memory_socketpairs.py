# ends: exit memory wall cpu
import socket
keep, n = [], 0
try:
    while n < 100000:
        a, b = socket.socketpair()
        try:
            a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
        except OSError:
            pass
        a.setblocking(False)
        keep.append((a, b))
        try:
            while a.send(b"x" * 65536):
                n += 1
        except BlockingIOError:
            pass
    print("broken")
except OSError:
    print("held")
