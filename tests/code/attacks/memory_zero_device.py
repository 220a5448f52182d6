# ends: memory exit
# wall: 8000
import mmap, os
keep, block = [], bytes(1 << 20)
try:
    for i in range(64):
        fd = os.open("/dev/zero", os.O_RDWR)
        m = mmap.mmap(fd, 32 << 20, mmap.MAP_SHARED)
        for k in range(32):
            m.write(block)
        m.madvise(mmap.MADV_DONTNEED)
        keep.append(m)
    print("broken")
except (OSError, MemoryError):
    print("held")
