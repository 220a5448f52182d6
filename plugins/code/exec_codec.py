# exec_codec.py - the language that the judge and the shim speak: values as JSON, over one socket.
#
# Put before the judge's parts and before exec_shim.py when the plugin is built; each runs in a
# cage of its own. A frame is a 32-bit length, big-endian, and as many bytes of JSON. One side asks,
# the other answers, and may itself ask in between (callbacks).
#
# Values cross as copies. null, true, numbers and strings are themselves; a JSON object is a dict
# whose keys are strings and whose values are scalars; all else is a list that begins with a tag
# (encoders and decoders below). Mutable containers are numbered as they are met, in a request and
# its reply together: ["@", 3] is the one with number 3 again. So what is one object stays one, cycles
# are no matter, and a reply can say that an argument was changed in place. What is no data stays at
# home: ["h", id, kind, about] stands for it, ["H", id] is the way back.
#
# Nothing here evaluates, imports or unpickles what the other side says.
import builtins
import json
import operator
import os
import select
import sys
import time

DEPTH = 150			# levels of nesting
SCALARS = frozenset((type(None), bool, int, float, str))
MAX_BITS = 10000		# longer integers cross in hexadecimal
FACTORIES = {"int": int, "float": float, "str": str, "list": list, "dict": dict, "set": set,
             "tuple": tuple, "bool": bool, "bytes": bytes}


class Gone(BaseException):
    """The other side has ended, does not answer in time, or sends what is no frame."""


class Refused(Exception):
    """Something that cannot cross."""


def plain_float(v):
    return float.__add__(v, 0.0) if v != 0.0 else float.__pos__(v)


def named_tuple(name, fields):
    from collections import namedtuple
    return namedtuple(name, fields)


# Types with one way to write them down: name -> (module, to arguments).
CONSTRUCTED = {
    "Decimal": ("decimal", lambda v: [str(v)]),
    "Fraction": ("fractions", lambda v: [v.numerator, v.denominator]),
    "date": ("datetime", lambda v: [v.year, v.month, v.day]),
    "time": ("datetime", lambda v: [v.hour, v.minute, v.second, v.microsecond]),
    "datetime": ("datetime", lambda v: [v.year, v.month, v.day, v.hour, v.minute, v.second,
                                        v.microsecond]),
    "timedelta": ("datetime", lambda v: [v.days, v.seconds, v.microseconds]),
    "UUID": ("uuid", lambda v: [str(v)]),
    "PurePosixPath": ("pathlib", lambda v: [str(v)]),
}


class Encoder:
    """Writes values down. kept: the containers met so far, memo: their numbers by id."""

    def __init__(self, peer, known=()):
        self.peer = peer
        self.kept = list(known)
        self.memo = {id(c): n for n, c in enumerate(self.kept)}

    def number(self, v):
        self.memo[id(v)] = len(self.kept)
        self.kept.append(v)

    def encode(self, v, depth=0):
        t = type(v)
        if t in SCALARS:
            if t is int and v.bit_length() > MAX_BITS:
                return ["i", hex(v)]
            return v
        if depth > DEPTH:
            raise Refused("a value with more than %d levels" % DEPTH)
        if id(v) in self.memo:
            return ["@", self.memo[id(v)]]
        if t is list:
            self.number(v)
            return self.items("l", v, depth)
        if t is tuple:
            return self.items("t", v, depth)
        if t is dict:
            self.number(v)
            return self.mapping(v, depth)
        f = ENCODERS.get(t)
        if f:
            return f(self, v, depth)
        return self.other(t, v, depth)

    def items(self, tag, v, depth):
        if all(map(SCALARS.__contains__, map(type, v))) and not self.has_big(v):
            return [tag.upper(), list(v)]
        r = [tag]
        for x in v:
            r.append(self.encode(x, depth + 1))
        return r

    @staticmethod
    def has_big(v):
        return any(type(x) is int and x.bit_length() > MAX_BITS for x in v)

    def mapping(self, v, depth):
        keys = list(dict.keys(v))
        values = list(dict.values(v))
        if all(type(k) is str for k in keys) and \
           all(map(SCALARS.__contains__, map(type, values))) and not self.has_big(values):
            return dict(zip(keys, values))
        return ["d"] + self.pairs(keys, values, depth)

    def pairs(self, keys, values, depth):
        r = []
        for k, x in zip(keys, values):
            r.append(self.encode(k, depth + 1))
            r.append(self.encode(x, depth + 1))
        return r

    def other(self, t, v, depth):
        name = getattr(t, "__name__", "")
        module = getattr(t, "__module__", "")
        if module == "collections" and name in ("Counter", "OrderedDict", "defaultdict", "deque"):
            self.number(v)
            if name == "deque":
                return ["q", v.maxlen] + [self.encode(x, depth + 1) for x in v]
            factory = ""
            if name == "defaultdict":
                factory = getattr(v.default_factory, "__name__", "")
            return ["D", name, factory] + \
                self.pairs(list(dict.keys(v)), list(dict.values(v)), depth)
        how = CONSTRUCTED.get(name)
        if how and module == how[0] and not getattr(v, "tzinfo", None):
            return ["x", name] + how[1](v)
        return self.peer.encode_object(self, v, depth)

    def flat(self, v, depth):
        """An object of a subclass of a plain type, as that type; None if it is of none."""
        if isinstance(v, str):
            return str.__add__("", v)
        if isinstance(v, int):
            return self.encode(int.__add__(v, 0), depth)
        if isinstance(v, float):
            return plain_float(v)
        if isinstance(v, tuple):
            fields = getattr(v, "_fields", None)
            if type(fields) is tuple and len(fields) == tuple.__len__(v) and \
               all(type(f) is str for f in fields):
                return ["n", type(v).__name__, list(fields)] + \
                       [self.encode(x, depth + 1) for x in tuple.__iter__(v)]
            return self.items("t", list(tuple.__iter__(v)), depth)
        if isinstance(v, bytes):
            return ["b", bytes.decode(v, "latin-1")]
        if isinstance(v, list):
            self.number(v)
            return self.items("l", list(list.__iter__(v)), depth)
        if isinstance(v, dict):
            self.number(v)
            return self.mapping(v, depth)
        if isinstance(v, (set, frozenset)):
            tag, base = ("s", set) if isinstance(v, set) else ("z", frozenset)
            if base is set:
                self.number(v)
            return [tag] + [self.encode(x, depth + 1) for x in base.__iter__(v)]
        return None

    def body(self, c):
        """The contents of a container that has a number."""
        if isinstance(c, list):
            return ["l"] + [self.encode(x, 1) for x in list.__iter__(c)]
        if isinstance(c, dict):
            return ["d"] + self.pairs(list(dict.keys(c)), list(dict.values(c)), 0)
        if isinstance(c, set):
            return ["s"] + [self.encode(x, 1) for x in set.__iter__(c)]
        if isinstance(c, bytearray):
            return ["B", bytes(c).decode("latin-1")]
        return ["q", None] + [self.encode(x, 1) for x in c]


def encode_bytearray(e, v, depth):
    e.number(v)
    return ["B", bytes(v).decode("latin-1")]


def encode_set(e, v, depth):
    e.number(v)
    return ["s"] + [e.encode(x, depth + 1) for x in v]


def encode_view(kind):
    def encode(e, v, depth):
        return ["v", kind] + [e.encode(x, depth + 1) for x in v]
    return encode


ENCODERS = {
    bytes: lambda e, v, depth: ["b", v.decode("latin-1")],
    bytearray: encode_bytearray,
    complex: lambda e, v, depth: ["c", v.real, v.imag],
    range: lambda e, v, depth: ["r", e.encode(v.start), e.encode(v.stop), e.encode(v.step)],
    set: encode_set,
    frozenset: lambda e, v, depth: ["z"] + [e.encode(x, depth + 1) for x in v],
    type(Ellipsis): lambda e, v, depth: ["e"],
    type({}.keys()): encode_view("keys"),
    type({}.values()): encode_view("values"),
    type({}.items()): encode_view("items"),
}


class Decoder:
    """Reads values. kept: the containers met so far, by number."""

    def __init__(self, peer, known=()):
        self.peer = peer
        self.kept = list(known)

    def keep(self, c):
        self.kept.append(c)
        return c

    def decode(self, v, depth=0):
        t = type(v)
        if t is dict:
            if not all(map(SCALARS.__contains__, map(type, v.values()))):
                raise Gone("a value that is none")
            return self.keep(v)
        if t is not list:
            return v
        if depth > DEPTH + 4 or not v or type(v[0]) is not str:
            raise Gone("a value that is none")
        f = DECODERS.get(v[0])
        if not f:
            raise Gone("a value that is none")
        return f(self, v, depth)

    def all(self, v, depth):
        return [self.decode(x, depth + 1) for x in v]

    def pairs(self, into, v, depth):
        it = iter(v)
        for k in it:
            k = self.decode(k, depth + 1)
            into[k] = self.decode(next(it), depth + 1)
        return into

    def scalars(self, v):
        if type(v) is not list or not all(map(SCALARS.__contains__, map(type, v))):
            raise Gone("a value that is none")
        return v

    def apply(self, c, v):
        """Makes the contents of a container what the other side says they have become."""
        new = self.all(v[2:] if v[0] == "q" else v[1:], 1) if v[0] in ("l", "s", "q") else None
        if v[0] == "l" and isinstance(c, list):
            c[:] = new
        elif v[0] == "s" and isinstance(c, set):
            c.clear()
            c.update(new)
        elif v[0] == "q" and hasattr(c, "appendleft"):
            c.clear()
            c.extend(new)
        elif v[0] == "d" and isinstance(c, dict):
            new = self.pairs({}, v[1:], 1)
            c.clear()
            c.update(new)
        elif v[0] == "B" and isinstance(c, bytearray):
            c[:] = v[1].encode("latin-1")
        else:
            raise Gone("a change that is none")


def decode_list(d, v, depth):
    c = d.keep([])
    c.extend(d.all(v[1:], depth))
    return c


def decode_set(d, v, depth):
    c = d.keep(set())
    c.update(d.all(v[1:], depth))
    return c


def decode_deque(d, v, depth):
    from collections import deque
    c = d.keep(deque(maxlen=v[1]))
    c.extend(d.all(v[2:], depth))
    return c


def decode_special_dict(d, v, depth):
    import collections
    if v[1] == "defaultdict":
        c = collections.defaultdict(FACTORIES.get(v[2]))
    elif v[1] == "Counter":
        c = collections.Counter()
    else:
        c = collections.OrderedDict()
    return d.pairs(d.keep(c), v[3:], depth)


def decode_constructed(d, v, depth):
    import importlib
    module = importlib.import_module(CONSTRUCTED[v[1]][0])
    return getattr(module, v[1])(*d.scalars(v[2:]))


def decode_named(d, v, depth):
    if type(v[1]) is not str or len(v[2]) > 255:
        raise Gone("a value that is none")
    return named_tuple(v[1], d.scalars(v[2]))(*d.all(v[3:], depth))


def decode_view(d, v, depth):
    items = d.all(v[2:], depth)
    if v[1] == "values":
        return dict(enumerate(items)).values()
    return dict(items).items() if v[1] == "items" else dict.fromkeys(items).keys()


DECODERS = {
    "@": lambda d, v, depth: d.kept[v[1]],
    "L": lambda d, v, depth: d.keep(d.scalars(v[1])),
    "T": lambda d, v, depth: tuple(d.scalars(v[1])),
    "l": decode_list,
    "t": lambda d, v, depth: tuple(d.all(v[1:], depth)),
    "d": lambda d, v, depth: d.pairs(d.keep({}), v[1:], depth),
    "s": decode_set,
    "z": lambda d, v, depth: frozenset(d.all(v[1:], depth)),
    "i": lambda d, v, depth: int(v[1], 16),
    "b": lambda d, v, depth: v[1].encode("latin-1"),
    "B": lambda d, v, depth: d.keep(bytearray(v[1].encode("latin-1"))),
    "c": lambda d, v, depth: complex(v[1], v[2]),
    "r": lambda d, v, depth: range(d.decode(v[1]), d.decode(v[2]), d.decode(v[3])),
    "e": lambda d, v, depth: Ellipsis,
    "q": decode_deque,
    "D": decode_special_dict,
    "x": decode_constructed,
    "n": decode_named,
    "v": decode_view,
    "h": lambda d, v, depth: d.peer.proxy(v[1], v[2], d.decode(v[3], depth + 1)),
    "y": lambda d, v, depth: d.peer.named(v[1], v[2]),
    "H": lambda d, v, depth: d.peer.home[v[1]],
}


def builtin_base(t):
    """The name of the nearest built-in exception that t is or comes from, or None."""
    for b in t.__mro__:
        if issubclass(b, BaseException) and getattr(builtins, b.__name__, None) is b:
            return b.__name__
    return None


def snapshot(c):
    if isinstance(c, list):
        return list(list.__iter__(c))
    if isinstance(c, dict):
        return list(dict.keys(c)), list(dict.values(c))
    return set(c) if isinstance(c, set) else bytes(c) if isinstance(c, bytearray) else list(c)


def same(a, b):
    return len(a) == len(b) and all(map(operator.is_, a, b))


def changed(c, before):
    now = snapshot(c)
    if isinstance(c, dict):
        return not (same(now[0], before[0]) and same(now[1], before[1]))
    if isinstance(c, bytearray):
        return now != before
    if isinstance(c, set):
        return len(now) != len(before) or \
            set(map(id, now)) != set(map(id, before))
    return not same(now, before)


class Peer:
    """One end of the socket. The judge and the shim say what may cross and what is answered."""

    def __init__(self, fd, max_frame):
        self.fd = fd
        self.max_frame = max_frame
        self.inbox = bytearray()
        self.home = {}		# id -> object that the other side has a handle of
        self.ids = {}		# id(object) -> id
        self.proxies = {}
        self.deadline = None
        self.poll = None

    # -- frames

    def send(self, message):
        data = json.dumps(message, separators=(",", ":")).encode("ascii")
        data = len(data).to_bytes(4, "big") + data
        view = memoryview(data)
        while view:
            self.wait(select.POLLOUT)
            try:
                view = view[os.write(self.fd, view[:65536]):]
            except OSError:
                raise Gone("it has ended") from None

    def wait(self, what):
        if self.deadline is None:
            return
        if self.poll is None:
            self.poll = select.poll()
        self.poll.register(self.fd, what)
        left = self.deadline - time.monotonic()
        if left <= 0 or not self.poll.poll(left * 1000 + 1):
            raise Gone("time")

    def receive(self):
        n = None
        while True:
            if n is None and len(self.inbox) >= 4:
                n = int.from_bytes(self.inbox[:4], "big") + 4
                if n > self.max_frame:
                    raise Gone("size")
            if n is not None and len(self.inbox) >= n:
                break
            self.wait(select.POLLIN)
            try:
                part = os.read(self.fd, 1 << 20)
            except OSError:
                part = b""
            if not part:
                raise Gone("it has ended")
            self.inbox += part
        data = bytes(self.inbox[4:n])
        del self.inbox[:n]
        try:
            message = json.loads(data)
        except (ValueError, RecursionError):
            raise Gone("a frame that is none") from None
        if type(message) is not list or not message or type(message[0]) is not str:
            raise Gone("a frame that is none")
        return message

    # -- objects that stay at home

    def handle(self, v, kind, about=None):
        n = self.ids.get(id(v))
        if n is None:
            n = len(self.home) + 1
            self.ids[id(v)] = n
            self.home[n] = v
        return ["h", n, kind, about]

    # -- asking and answering

    def ask(self, verb, *values):
        """Asks for something and returns the value, or raises what the other side raised."""
        e = Encoder(self)
        self.send([verb] + [e.encode(x) for x in values])
        while True:
            m = self.receive()
            if m[0] in ("ret", "exc"):
                return self.settle(m, e.kept)
            self.answer(m)

    def settle(self, m, known):
        d = Decoder(self, known)
        try:
            value = d.decode(m[1])
            for n, body in m[2]:
                d.apply(d.kept[n], body)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError, StopIteration,
                RecursionError, ArithmeticError):
            raise Gone("a reply that is none") from None
        if m[0] == "ret":
            return value
        raise self.exception(value)

    def answer(self, m):
        d = Decoder(self)
        value, verb, failed = None, "ret", None
        before = []
        try:
            args = [d.decode(x) for x in m[1:]]
            before = [(n, c, snapshot(c)) for n, c in enumerate(d.kept)]
            value = self.serve(m[0], args)
        except Gone:
            raise
        except BaseException as x:
            verb, failed = "exc", x
        while True:
            e = Encoder(self, d.kept)
            try:
                if failed is not None:
                    value = self.describe(failed)
                reply = [verb, e.encode(value)]
                reply.append([[n, e.body(c)] for n, c, was in before if changed(c, was)])
                break
            except Exception as x:
                if verb == "exc" and not before:
                    reply = ["exc", ["T", ["RuntimeError", "what cannot be told", None, None]], []]
                    break
                verb, failed, before = "exc", x, []
        self.send(reply)

    def describe(self, x):
        """An exception as (name of the nearest built-in one, text, class, itself, arguments)."""
        name = builtin_base(type(x)) or "RuntimeError"
        try:
            text = str.__add__("", str(x))
        except BaseException:
            text = ""
        args = x.args if type(x.args) is tuple else ()
        if any(type(a) not in SCALARS for a in args):
            args = (text,)
        return (name, text) + self.own_exception(x) + tuple(args)
