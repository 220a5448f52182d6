# ends: wall
import time
while True:
    time.sleep(100)
