# ends: exit wall cpu
# sockets sent through sockets, closed while on their way
import array, socket
try:
    for i in range(100000):
        a, b = socket.socketpair()
        for k in range(64):
            a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [a.fileno(), b.fileno()]))], socket.MSG_DONTWAIT)
except OSError:
    pass
print("held")
