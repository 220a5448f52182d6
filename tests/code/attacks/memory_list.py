# ends: memory exit=1
# wall: 8000
l = []
while True:
    l.append(bytearray(1 << 20))
