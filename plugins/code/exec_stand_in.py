# exec_stand_in.py - as much of pytest and numpy as test lists use most, for where they are not
# installed. Follows exec_proxy.py.

class Approx:
    def __init__(self, want, rel=None, abs=None, nan_ok=False):
        self.want = want
        self.rel = 1e-6 if rel is None else rel
        self.abs = 1e-12 if abs is None else abs

    def __eq__(self, got):
        return self.near(got, self.want)

    def near(self, a, b):
        if isinstance(b, (list, tuple)):
            return isinstance(a, (list, tuple)) and len(a) == len(b) and \
                all(map(self.near, a, b))
        if isinstance(b, dict):
            return isinstance(a, dict) and a.keys() == b.keys() and \
                all(self.near(a[k], b[k]) for k in b)
        if isinstance(a, Handle) or isinstance(a, (str, bytes, type(None))):
            return a == b
        return a == b or abs(a - b) <= max(self.abs, self.rel * abs(b))

    def __repr__(self):
        return "approx(%r)" % (self.want,)


class Raises:
    def __init__(self, kinds, match=None):
        self.kinds, self.match, self.value = kinds, match, None

    def __enter__(self):
        return self

    def __exit__(self, t, x, tb):
        if t is None:
            raise AssertionError("did not raise %s" % (self.kinds,))
        if not issubclass(t, self.kinds):
            return False
        self.value, self.type = x, t
        if self.match is not None:
            import re
            if not re.search(self.match, str(x)):
                raise AssertionError("the message %r does not match %r" % (str(x), self.match))
        return True


def raises(kinds, *args, match=None, **kwargs):
    r = Raises(kinds, match)
    if not args:
        return r
    with r:
        args[0](*args[1:], **kwargs)
    return r


def parametrize(names, rows, **_):
    if isinstance(names, str):
        names = [n.strip() for n in names.split(",")]
    sets = [dict(zip(names, row if len(names) > 1 else (row,))) for row in rows]

    def mark(f):
        f._mx_params = [{**a, **b} for a in getattr(f, "_mx_params", [{}]) for b in sets]
        return f
    return mark


class Mark:
    parametrize = staticmethod(parametrize)

    def __getattr__(self, name):
        def mark(*args, **kwargs):
            return args[0] if len(args) == 1 and callable(args[0]) else lambda f: f
        return mark


def fixture(*args, **kwargs):
    def mark(f):
        f._mx_fixture = True
        return f
    return mark(args[0]) if args else mark


def fail(reason=""):
    raise AssertionError(reason)


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    if isinstance(b, (list, tuple)) or isinstance(a, (list, tuple)):
        if not (isinstance(a, (list, tuple)) and isinstance(b, (list, tuple))):
            a = [a] * len(b) if isinstance(b, (list, tuple)) else a
            b = [b] * len(a) if not isinstance(b, (list, tuple)) else b
        return len(a) == len(b) and all(allclose(x, y, rtol, atol) for x, y in zip(a, b))
    if isinstance(a, Handle) or isinstance(b, Handle):
        raise TypeError("no number")
    return a == b or abs(a - b) <= atol + rtol * abs(b)


class NumPy(type(sys)):
    def __getattr__(self, name):
        if name[:2] == "__":
            raise AttributeError(name)
        raise AttributeError("numpy.%s is not installed where programs run" % name)


def stand_in(name):
    """As much of pytest and numpy as test lists use most, where the real one is not there."""
    if name == "pytest":
        m = type(sys)("pytest")
        m.__dict__.update(raises=raises, approx=Approx, mark=Mark(), fixture=fixture, fail=fail,
                          skip=fail, main=lambda *a, **k: 0, param=lambda *a, **k: a)
    elif name == "numpy":
        m = NumPy("numpy")
        m.__dict__.update(allclose=allclose, ndarray=type("ndarray", (), {}), nan=float("nan"),
                          isclose=allclose, inf=float("inf"), pi=3.141592653589793,
                          float64=type("float64", (float,), {}),
                          float32=type("float32", (float,), {}),
                          isnan=lambda x: x != x)
    else:
        return None
    sys.modules[name] = m
    return name


def missing_parts(tree, module):
    """What the tests use of a module that its stand-in does not have: a name, or ""."""
    have = sys.modules[module].__dict__
    aliases = set()
    for n in ast.walk(tree):
        if isinstance(n, ast.Import):
            for a in n.names:
                if a.name.split(".")[0] == module:
                    if "." in a.name:
                        return a.name
                    aliases.add(a.asname or a.name)
        elif isinstance(n, ast.ImportFrom) and (n.module or "").split(".")[0] == module:
            for a in n.names:
                if n.module != module or a.name not in have:
                    return "%s.%s" % (n.module, a.name)
    for n in ast.walk(tree):
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and \
                n.value.id in aliases and n.attr not in have:
            return "%s.%s" % (module, n.attr)
    return ""
