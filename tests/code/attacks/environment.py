# ends: exit
import lib, os
secret = lib.facts()["env"]
for k, v in os.environ.items():
    if secret in v or k not in ("PATH", "HOME", "LANG", "LC_CTYPE"):
        lib.broken.append("%s=%s" % (k, v))
for pid in os.listdir("/proc"):
    if pid.isdigit():
        try:
            if secret in open("/proc/%s/environ" % pid).read():
                lib.broken.append("environment of " + pid)
        except OSError:
            pass
lib.say()
