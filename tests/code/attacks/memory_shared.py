# ends: memory exit
# wall: 8000
# shared memory that is not mapped in any more counts for no process
import mmap
keep, block = [], bytes(1 << 20)
try:
    for i in range(64):
        m = mmap.mmap(-1, 32 << 20)
        for k in range(32):
            m.write(block)
        m.madvise(mmap.MADV_DONTNEED)
        keep.append(m)
    print("broken")
except (OSError, MemoryError):
    print("held")
