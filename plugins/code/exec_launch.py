# exec_launch.py - runs solution.py as a program whose author takes the usual modules for granted.
import sys


def begin(ns):
    import builtins
    import importlib
    names = ("bisect", "collections", "copy", "datetime", "functools", "heapq", "io", "itertools",
             "json", "math", "operator", "random", "re", "statistics", "string", "typing")
    for name in names:
        m = importlib.import_module(name)
        for n in getattr(m, "__all__", None) or [n for n in dir(m) if n[0] != "_"]:
            if not hasattr(builtins, n):
                ns[n] = getattr(m, n)
    for name in names + ("os", "sys", "time"):
        ns[name] = importlib.import_module(name)
    sys.setrecursionlimit(600000)
    del ns["begin"]
    with open("solution.py", encoding="utf-8") as f:
        text = f.read()
    ns["__file__"] = sys.argv[0] = "solution.py"
    return compile(text, "solution.py", "exec", dont_inherit=True)


exec(begin(globals()))
