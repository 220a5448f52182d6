# ends: exit
import ctypes, lib, os
b = ctypes.create_string_buffer(16)
class iov(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("n", ctypes.c_size_t)]
v = iov(ctypes.addressof(b), 16)
for pid in (1, os.getpid()):
    for name in ("process_vm_readv", "process_vm_writev"):
        lib.refused(name, pid, ctypes.byref(v), 1, ctypes.byref(v), 1, 0)
lib.refused("process_madvise", 1, ctypes.byref(v), 1, 4, 0)
lib.refused("kcmp", 1, os.getpid(), 0, 0, 0)
lib.fails("memory of 1", lambda: open("/proc/1/mem", "r+b"))
lib.say()
