# ends: exit
import lib, os
f = lib.facts()
lib.not_there("/etc/shadow", "/etc/gshadow", "/root", "/home", "/var", "/srv", "/sys", "/run", "/boot", "/etc/hostname", "/etc/ssh", "/etc/ssl/private", "/etc/machine-id", f["secret"], f["folder"])
if len(open("/etc/passwd").read().splitlines()) > 2:
    lib.broken.append("the host's users are listed")
lib.say()
