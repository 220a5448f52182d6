# ends: exit
import lib
lib.refused("mount", b"x", b"/box", b"tmpfs", 0, 0)
lib.refused("mount", b"/", b"/box", 0, 0x1000, 0)
lib.refused("mount", 0, b"/", 0, 0x20, 0)
lib.refused("mount", 0, b"/usr", 0, 0x1020, 0)
lib.refused("mount", b"proc", b"/proc", b"proc", 0, 0)
for p in (b"/proc", b"/box", b"/usr", b"/dev/null", b"/"):
    lib.refused("umount2", p, 2)
lib.refused("pivot_root", b"/box", b"/box")
lib.refused("chroot", b"/box")
lib.refused("open_tree", -100, b"/", 1)
lib.refused("move_mount", -100, b"/box", -100, b"/usr", 0)
lib.refused("fsopen", b"tmpfs", 0)
lib.refused("fsmount", 0, 0, 0)
lib.refused("mount_setattr", -100, b"/", 0, b"\0" * 32, 32)
lib.say()
