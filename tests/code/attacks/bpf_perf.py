# ends: exit
import lib
lib.refused("bpf", 0, b"\0" * 128, 128)
lib.refused("bpf", 5, b"\0" * 128, 128)
lib.refused("perf_event_open", b"\0" * 128, 0, -1, -1, 0)
lib.refused("userfaultfd", 0)
lib.refused("userfaultfd", 1)
lib.say()
