# ends: exit
import lib, resource
for name in dir(resource):
    if name.startswith("RLIMIT_"):
        what = getattr(resource, name)
        hard = resource.getrlimit(what)[1]
        if hard != resource.RLIM_INFINITY:
            try:
                resource.setrlimit(what, (hard + 1, hard + 1))
                lib.broken.append(name)
            except (OSError, ValueError):
                pass
for name in ("CPU", "DATA", "FSIZE", "NOFILE", "NPROC", "CORE"):
    if resource.getrlimit(getattr(resource, "RLIMIT_" + name))[1] == resource.RLIM_INFINITY:
        lib.broken.append(name + " is not limited")
lib.say()
