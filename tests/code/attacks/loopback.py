# ends: exit
import lib, socket, urllib.request
f = lib.facts()
port = int(f["port"])
for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0"):
    lib.fails("tcp to " + host, socket.create_connection, (host, port), 1)
    try:
        urllib.request.urlopen("http://%s:%d/" % (host, port), timeout=1)
        lib.broken.append("http to " + host)
    except Exception:
        pass
lib.say()
