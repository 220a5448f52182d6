# ends: exit
import lib
lib.refused("personality", 0x0040000)       # ADDR_NO_RANDOMIZE
lib.refused("personality", 0x0400000)       # READ_IMPLIES_EXEC
lib.refused("prctl", 35, 1, 0, 0, 0)        # SET_MM
lib.refused("prctl", 22, 2, b"\0" * 16)     # SET_SECCOMP
lib.refused("prctl", 36, 1, 0, 0, 0)        # SET_CHILD_SUBREAPER
lib.refused("prctl", 0x59616d61, -1)        # SET_PTRACER
lib.refused("seccomp", 1, 0, b"\0" * 16)
lib.refused("landlock_create_ruleset", 0, 0, 1)
lib.say()
