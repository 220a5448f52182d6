# ends: cpu wall
# each burner lives too briefly to be seen, and is waited for by nobody
import os, signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    try:
        if os.fork() == 0:
            for i in range(100000):
                pass
            os._exit(0)
    except OSError:
        pass
