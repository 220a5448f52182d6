# ends: exit
try:
    b = bytearray(1 << 40)
    print("broken")
except MemoryError:
    print("held")
