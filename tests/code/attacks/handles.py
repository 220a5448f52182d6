# ends: exit
import lib
h = b"\x80\0\0\0" + b"\0" * 132
lib.refused("name_to_handle_at", -100, b"/usr", h, b"\0" * 4, 0)
lib.refused("open_by_handle_at", 0, h, 0)
lib.say()
