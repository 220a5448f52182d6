# exec_shim.py - in the answer's cage: loads solution.py and does what the judge asks for.
#
# Follows exec_codec.py. Nothing here is trusted: the answer's code runs in this very process and
# may change what it likes. It can only give values, as it could by returning them.
import types
from signal import ITIMER_PROF as PROF
from signal import ITIMER_REAL as REAL
from signal import setitimer

MAX_FRAME = 1 << 30
LIGHT = ("collections", "functools", "heapq", "itertools", "math", "operator", "re", "string")
HEAVY = ("bisect", "copy", "datetime", "io", "json", "random", "statistics", "typing")


def preamble(ns):
    """What contest answers take for granted: the names of the usual modules, and deep recursion."""
    import importlib
    for name in LIGHT + HEAVY:
        m = importlib.import_module(name)
        for n in getattr(m, "__all__", None) or [n for n in dir(m) if n[0] != "_"]:
            if not hasattr(builtins, n):
                ns[n] = getattr(m, n)
    for name in LIGHT + HEAVY:
        ns[name] = sys.modules[name]
    ns.update(sys=sys, os=os, time=time)
    sys.setrecursionlimit(600000)


class Remote:
    """Something of the judge's: a callback, or an object of a class that the tests define."""

    def __init__(self, peer, n, name):
        self.__dict__.update(_peer=peer, _n=n, __name__=name)

    def __getattr__(self, name):
        if name[:2] == "__":
            raise AttributeError(name)
        return self._peer.ask("get", self, name)

    def __setattr__(self, name, value):
        self._peer.ask("set", self, name, value)

    def __len__(self):
        return self._peer.ask("op", "len", self)

    def __getitem__(self, key):
        return self._peer.ask("op", "getitem", self, key)

    def __setitem__(self, key, value):
        return self._peer.ask("op", "setitem", self, key, value)

    def __contains__(self, x):
        return self._peer.ask("op", "contains", self, x)

    def __iter__(self):
        return self._peer.ask("op", "iter", self)

    def __eq__(self, other):
        return self is other or self._peer.ask("op", "eq", self, other)

    def __lt__(self, other):
        return self._peer.ask("op", "lt", self, other)

    def __hash__(self):
        return self._n

    def __bool__(self):
        return self._peer.ask("op", "bool", self)

    def __str__(self):
        return self._peer.ask("op", "str", self)

    __repr__ = __str__


class RemoteFunction(Remote):
    def __call__(self, *args, **kwargs):
        return self._peer.ask("call", self, args, kwargs)


class RemoteIterator(Remote):
    def __iter__(self):
        return self

    def __next__(self):
        items, done = self._peer.ask("pull", self, 1)
        if done:
            raise StopIteration
        return items[0]


def pull(it, pending, n):
    """Up to n items of an iterator and whether that was all; what it raises waits for its turn."""
    items = []
    if id(it) in pending:
        raise pending.pop(id(it))
    until = time.monotonic() + 0.005
    try:
        while len(items) < n:
            items.append(next(it))
            if time.monotonic() > until:
                break
    except StopIteration:
        return items, True
    except BaseException as x:
        if not items:
            raise
        pending[id(it)] = x
    return items, False


def compare(name):
    f = getattr(operator, name)
    return lambda a, b: bool(f(a, b))


OPS = {
    "len": len, "iter": iter, "str": str, "repr": repr, "bool": bool, "int": int,
    "float": float, "index": operator.index, "hash": hash, "abs": abs, "neg": operator.neg,
    "getitem": operator.getitem, "setitem": operator.setitem, "delitem": operator.delitem,
    "contains": operator.contains, "format": format, "round": round, "reversed": reversed,
    "enter": lambda o: o.__enter__(), "exit": lambda o: o.__exit__(None, None, None),
    "isinstance": isinstance, "dir": dir,
    "has": lambda o, name: hasattr(type(o), name), "ne": compare("ne"),
}
for name in ("eq", "lt", "le", "gt", "ge"):
    OPS[name] = compare(name)
for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and_", "or_", "xor",
             "lshift", "rshift", "matmul"):
    OPS[name] = getattr(operator, name)
    OPS["r" + name] = lambda a, b, f=OPS[name]: f(b, a)


class Shim(Peer):
    def __init__(self, fd):
        super().__init__(fd, MAX_FRAME)
        self.module = None
        self.stay = {}			# objects that the tests have made: handles even if plain
        self.pending = {}
        self.limit = 0
        self.depth = 0

    # -- values

    def encode_object(self, e, v, depth):
        if isinstance(v, Remote):
            return ["H", v._n]
        t = type(v)
        if isinstance(v, type):
            if v.__module__ == "builtins" and getattr(builtins, v.__name__, None) is v:
                return ["y", "builtins", v.__name__]
            return self.handle(v, "c", self.about_class(e, v, depth))
        if id(v) not in self.stay and not (self.is_enum(t) and not isinstance(v, (int, str))):
            if hasattr(t, "dtype") and hasattr(v, "tolist"):
                return e.encode(v.tolist(), depth)	# numpy
            flat = e.flat(v, depth)
            if flat is not None:
                return flat
        if t is types.GeneratorType:
            return self.handle(v, "g")
        if hasattr(t, "__next__"):
            return self.handle(v, "i")
        if isinstance(v, (types.FunctionType, types.BuiltinFunctionType, types.MethodType)):
            return self.handle(v, "f", getattr(v, "__name__", ""))
        if isinstance(v, types.ModuleType):
            return ["h", 0, "m", v.__name__]
        return self.handle(v, "o", e.encode(t, depth + 1))

    @staticmethod
    def is_enum(t):
        enum = sys.modules.get("enum")
        return enum is not None and issubclass(t, enum.Enum)

    def about_class(self, e, v, depth):
        bases = tuple(b for b in v.__bases__ if b.__module__ != "builtins")
        base = builtin_base(v) if issubclass(v, BaseException) else None
        origin = v.__module__ if v.__module__ != self.module.__name__ else None
        return e.encode((str(v.__name__), base, origin, bases), depth + 1)

    def own_exception(self, x):
        if type(x).__module__ == self.module.__name__:
            self.stay[id(x)] = x
            return type(x), x
        return None, None

    def proxy(self, n, kind, about):
        p = self.proxies.get(n)
        if p is None:
            t = {"f": RemoteFunction, "i": RemoteIterator}.get(kind, Remote)
            p = self.proxies[n] = t(self, n, about)
        return p

    def named(self, module, name):
        v = sys.modules[module]
        for part in name.split("."):
            v = getattr(v, part)
        return v

    def exception(self, told):
        t = getattr(builtins, told[0], RuntimeError)
        try:
            return t(*told[4:])
        except Exception:
            return RuntimeError(told[1])

    # -- what the judge asks for

    def answer(self, m):
        self.depth += 1
        arm(self.limit)
        try:
            super().answer(m)
        finally:
            self.depth -= 1
            arm(self.limit if self.depth else 0)

    def serve(self, verb, args):
        return getattr(self, "do_" + verb)(*args)

    def do_load(self, options):
        self.limit = options["limit"]
        arm(self.limit + options["grace"])
        with open("solution.py", encoding="utf-8") as f:
            text = f.read()
        self.module = m = types.ModuleType(options["name"])
        m.__file__ = os.path.abspath("solution.py")
        sys.modules[m.__name__] = m
        if options["preamble"]:
            preamble(m.__dict__)
        if options["prelude"]:
            exec(compile(options["prelude"], "prelude.py", "exec", dont_inherit=True), m.__dict__)
        exec(compile(text, "solution.py", "exec", dont_inherit=True), m.__dict__)
        return [n for n in m.__dict__ if type(n) is str]

    def do_global(self, name):
        return getattr(self.module, name)

    def do_call(self, f, args, kwargs):
        r = f(*args, **kwargs)
        if type(r) is types.CoroutineType:
            import asyncio
            return asyncio.run(r)
        return r

    def do_new(self, f, args, kwargs):
        r = f(*args, **kwargs)
        self.stay[id(r)] = r
        return r

    def do_get(self, o, name):
        return getattr(o, name)

    def do_set(self, o, name, value):
        setattr(o, name, value)

    def do_del(self, o, name):
        delattr(o, name)

    def do_op(self, name, *args):
        return OPS[name](*args)

    def do_pull(self, it, n):
        return pull(it, self.pending, n)

    def do_copy(self, o):
        import copy
        r = copy.deepcopy(o)
        self.stay[id(r)] = r
        return r

    def do_async(self, f):
        return bool(getattr(getattr(f, "__code__", None), "co_flags", 0) & 0x80)


def arm(limit):
    """An end for what does not end: seconds of CPU time, and twice as long on the clock, by when
    the judge has given up on it. The answer may undo it, and then runs into the sandbox's limit."""
    setitimer(PROF, limit)
    setitimer(REAL, limit * 2.1)


def main():
    sys.setrecursionlimit(sys.getrecursionlimit() + 24)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    sys.argv[:] = ["solution.py"]
    shim = Shim(3)
    try:
        while True:
            shim.answer(shim.receive())
    except Gone:
        pass
    os._exit(0)


main()
