# exec_proxy.py - in the judge's cage: what the answer defines, as the tests see it. Follows
# exec_codec.py.
#
# All that comes back from the answer's cage is plain data, or a stand-in that equals no plain
# value, is not ordered against one and has no arithmetic, unless the tests have made objects of its class
# themselves.
import ast
import importlib
import random

SAFE = frozenset((
    "abc", "array", "bisect", "builtins", "calendar", "cmath", "collections", "copy", "datetime",
    "decimal", "enum", "fractions", "functools", "heapq", "itertools", "json", "math", "numbers",
    "operator", "pathlib", "queue", "random", "re", "statistics", "string", "textwrap", "types",
    "typing", "uuid"))
MODULES = SAFE | {"os", "sys", "time", "collections.abc"}
FILE = "<tests>"


class Missing(Exception):
    """The answer does not define a name."""


class Unsupported(BaseException):
    """The tests ask for what a test from outside cannot have."""


# -- what the answer defines, seen from here

def remote_id(v):
    return type.__getattribute__(v, "_mx_id") if type(v) is RemoteMeta else \
        object.__getattribute__(v, "_mx_id")


class RemoteMeta(type):
    """Of the classes that stand for the answer's."""

    def __call__(cls, *args, **kwargs):
        peer = PEER[0]
        peer.made.add(cls)
        return peer.ask("new", cls, args, kwargs)

    def __getattr__(cls, name):
        if name[:2] == "__" and name not in ("__doc__", "__annotations__"):
            raise AttributeError(name)
        return PEER[0].ask("get", cls, name)

    def __iter__(cls):
        return iter(PEER[0].ask("op", "iter", cls))

    def __getitem__(cls, key):
        return PEER[0].ask("op", "getitem", cls, key)

    def __len__(cls):
        return PEER[0].ask("op", "len", cls)


class Handle:
    """An object of the answer's that is no plain value."""

    def __init_subclass__(cls):
        if type(cls) is RemoteMeta and "_mx_id" not in cls.__dict__:
            raise Unsupported("the tests derive the class %s from one of the answer's"
                              % cls.__name__)

    def __getattr__(self, name):
        if name[:2] == "__" and name not in ("__doc__", "__dict__", "__wrapped__"):
            raise AttributeError(name)
        return PEER[0].ask("get", self, name)

    def __setattr__(self, name, value):
        PEER[0].ask("set", self, name, value)

    def __delattr__(self, name):
        PEER[0].ask("del", self, name)

    def __eq__(self, other):
        if self is other:
            return True
        if isinstance(other, Handle):
            return truth(PEER[0].ask("op", "eq", self, other))
        return False

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        if type(self) in PEER[0].made:
            return int(PEER[0].ask("op", "hash", self))
        return remote_id(self)

    def __bool__(self):
        return truth(PEER[0].ask("op", "bool", self))

    def __contains__(self, x):
        if type(self) in PEER[0].made:
            return truth(PEER[0].ask("op", "contains", self, x))
        return any(x is y or x == y for y in self)

    def __dir__(self):
        return PEER[0].ask("op", "dir", self)

    def __deepcopy__(self, memo):
        return PEER[0].ask("copy", self)

    def __call__(self, *args, **kwargs):
        return PEER[0].ask("call", self, args, kwargs)

    def __exit__(self, *why):
        return PEER[0].ask("op", "exit", self)


class RemoteFunction(Handle):
    """A function of the answer's."""


class RemoteIterator(Handle):
    def __iter__(self):
        return self

    def __next__(self):
        items, done = PEER[0].ask("pull", self, 1)
        if done or not items:
            raise StopIteration
        return items[0]


def truth(v):
    if type(v) is not bool:
        raise TypeError("a truth value that is none")
    return v


def text(v):
    if type(v) is not str:
        raise TypeError("a text that is none")
    return v


def forward(op, check=None):
    def method(self, *args):
        r = PEER[0].ask("op", op, self, *args)
        return check(r) if check else r
    return method


def arithmetic(op):
    """Only where the tests have made such objects: else a value could pretend to be any number."""
    def method(self, other):
        if type(self) in PEER[0].made:
            return PEER[0].ask("op", op, self, other)
        return NotImplemented
    return method


def whole(v):
    if type(v) is not int:
        raise TypeError("a whole number that is none")
    return v


def real(v):
    if type(v) is not float:
        raise TypeError("a number that is none")
    return v


for special, op, check in (
        ("len", "len", whole), ("int", "int", whole), ("index", "index", whole),
        ("float", "float", real), ("str", "str", text), ("repr", "repr", text),
        ("format", "format", text), ("iter", "iter", None), ("getitem", "getitem", None),
        ("setitem", "setitem", None), ("delitem", "delitem", None), ("enter", "enter", None),
        ("reversed", "reversed", None)):
    setattr(Handle, "__%s__" % special, forward(op, check))
for op in ("lt", "le", "gt", "ge", "add", "sub", "mul", "truediv", "floordiv", "mod", "pow",
           "and_", "or_", "xor", "lshift", "rshift", "matmul"):
    setattr(Handle, "__%s__" % op.strip("_"), arithmetic(op))
    if op not in ("lt", "le", "gt", "ge"):
        setattr(Handle, "__r%s__" % op.strip("_"), arithmetic("r" + op))


def generator(peer, handle):
    n = 1
    while True:
        items, done = peer.ask("pull", handle, n)
        yield from items
        if done or not items:
            return
        n = min(n * 2, 64)


def asynchronous(handle):
    async def call(*args, **kwargs):
        return PEER[0].ask("call", handle, args, kwargs)
    return call


PEER = []			# the one peer, for the methods above


class RemoteError:
    """Beside the built-in exception, what an exception of the answer's own class is."""
    _mx_instance = None
    _mx_text = None

    def __getattr__(self, name):
        if name[:2] == "__" or self._mx_instance is None:
            raise AttributeError(name)
        return PEER[0].ask("get", self._mx_instance, name)

    def __str__(self):
        return self._mx_text if self._mx_text is not None else super().__str__()


class Judge(Peer):
    def __init__(self, fd, max_frame):
        super().__init__(fd, max_frame)
        self.gone = None
        self.made = set()
        self.kinds = {}
        self.tests = "__tests__"	# the module that the tests are
        self.exceptions = {}

    def ask(self, verb, *values):
        if self.gone:
            raise Gone(self.gone)
        try:
            return super().ask(verb, *values)
        except Gone as x:
            self.gone = str(x)
            raise

    def wait(self, what):
        super().wait(what)
        if len(self.inbox) > self.max_frame:
            raise Gone("size")

    # -- out

    def encode_object(self, e, v, depth):
        t = type(v)
        if t is RemoteMeta or isinstance(v, Handle):
            return ["H", remote_id(v)]
        if isinstance(v, RemoteError):
            return ["H", remote_id(v._mx_instance)]
        n = self.exceptions.get(v) if isinstance(v, type) else None
        if n:
            return ["H", n]
        if getattr(v, "__self__", None) in (None, sys.modules.get(getattr(v, "__module__", ""))):
            name = getattr(v, "__qualname__", None)
            module = getattr(v, "__module__", None) or "builtins"
            if module in SAFE and type(name) is str and lookup(module, name) is v:
                return ["y", module, name]
        if isinstance(v, type) or hasattr(t, "__next__") or callable(v):
            return self.lend(v, "i" if hasattr(t, "__next__") else "f")
        flat = e.flat(v, depth)
        if flat is not None:
            return flat
        if t.__module__ == self.tests or (t.__module__, t.__name__) in LENT:
            return self.lend(v, "o")
        raise Refused("the tests give the answer an object of type %s" % t.__name__)

    def lend(self, v, kind):
        self.kinds[id(v)] = kind
        return self.handle(v, kind, getattr(v, "__name__", None))

    def own_exception(self, x):
        return None, None

    # -- in

    def proxy(self, n, kind, about):
        if type(n) is not int:
            raise Gone("a handle that is none")
        if kind == "m":
            if type(about) is not str or about not in MODULES:
                raise Refused("the module %.40s" % about)
            return importlib.import_module(about)
        p = self.proxies.get(n)
        if p is None:
            p = self.proxies[n] = self.new_proxy(n, kind, about)
        return p

    def new_proxy(self, n, kind, about):
        if kind == "c":
            return self.new_class(n, about)
        t = {"f": RemoteFunction, "i": RemoteIterator, "g": RemoteIterator}.get(kind, about)
        if not (isinstance(t, type) and issubclass(t, Handle)):
            t = self.foreign(t)
        p = object.__new__(t)
        object.__setattr__(p, "_mx_id", n)
        if kind == "f" and type(about) is str:
            object.__setattr__(p, "__name__", about)
        return generator(self, p) if kind == "g" else p

    def foreign(self, t):
        """For an object whose class is not the answer's: a file, a match, a lock."""
        name = t.__name__ if isinstance(t, type) else "object"
        return RemoteMeta(name, (Handle,), {"_mx_id": 0})

    def new_class(self, n, about):
        name, base, origin, bases = about
        if type(name) is not str:
            raise Gone("a class that is none")
        if origin in SAFE:
            t = lookup(origin, name)
            if isinstance(t, type):
                return t
        if base is not None:
            mine = tuple(b for b in bases if isinstance(b, type) and issubclass(b, RemoteError))
            t = type(name, mine or (RemoteError, exception_class(base)), {})
            self.exceptions[t] = n
            return t
        mine = tuple(b for b in bases if type(b) is RemoteMeta)
        t = RemoteMeta(name, mine or (Handle,), {"_mx_id": n})
        return t

    def named(self, module, name):
        v = lookup(module, name) if module in SAFE and type(name) is str else None
        if v is None or (module == "builtins" and not isinstance(v, type)):
            raise Refused("%.40s.%.40s" % (module, name))
        return v

    def exception(self, told):
        name, message, own, instance = told[:4]
        t = exception_class(name)
        try:
            if own is not None and issubclass(own, RemoteError):
                x = own(*told[4:])
                x._mx_instance = instance if isinstance(instance, Handle) else None
                x._mx_text = text(message)
            else:
                x = t(*told[4:])
        except Exception:
            x = RuntimeError("%s: %s" % (name, message))
        x._mx_remote = True
        return x

    # -- what the answer may ask for: to call what the tests gave it, no more

    def serve(self, verb, args):
        kind = self.kinds.get(id(args[0] if verb != "op" else args[1]))
        o = args[0]
        if verb == "call" and kind == "f":
            return o(*args[1], **args[2])
        if verb == "pull" and kind == "i":
            for x in o:
                return [x], False
            return [], True
        if verb == "get" and kind == "o" and public(args[1]):
            return getattr(o, args[1])
        if verb == "set" and kind == "o" and public(args[1]):
            return setattr(o, args[1], args[2])
        if verb == "op" and kind == "o" and o in LENT_OPS:
            return LENT_OPS[o](*args[1:])
        raise TypeError("an object of the tests does not do that")


LENT = frozenset((("_io", "StringIO"), ("_io", "BytesIO"), ("random", "Random"),
                  ("re", "Pattern"), ("unittest.mock", "Mock"), ("unittest.mock", "MagicMock")))
LENT_OPS = {"len": len, "iter": iter, "str": str, "bool": bool, "getitem": operator.getitem,
            "setitem": operator.setitem, "contains": operator.contains,
            "eq": lambda a, b: bool(a == b), "lt": lambda a, b: bool(a < b)}


def public(name):
    return type(name) is str and name[:1] not in ("", "_") and \
        name[:3] not in ("gi_", "cr_", "ag_", "tb_", "co_") and name[:2] != "f_"


def lookup(module, name):
    try:
        v = importlib.import_module(module)
        for part in name.split("."):
            if part[:1] == "_":
                return None
            v = getattr(v, part)
        return v
    except (ImportError, AttributeError):
        return None


def exception_class(name):
    """A built-in exception by name; those that would end the judge are others."""
    t = getattr(builtins, name, None) if type(name) is str else None
    if isinstance(t, type) and (issubclass(t, Exception) or t is SystemExit):
        return t
    return RuntimeError
