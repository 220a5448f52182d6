# exec_judge.py - in a cage of its own: holds the tests, runs them and decides. Follows
# exec_stand_in.py.
#
# The job is JSON on standard input, the verdicts are lines of JSON on what was standard output:
# first {"ready": true}, then one for each test, {"end": n} last; or what is wrong with the tests.

# -- tests: how they are read

class Asserts(ast.NodeTransformer):
    """Lets an assert that fails say what it saw. Each side is evaluated once, as before."""

    def __init__(self, source):
        self.source = source

    def visit_Assert(self, node):
        said = ast.get_source_segment(self.source, node.test) or ""
        test, sides, pre = node.test, [], []
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            for name, side in (("__mx_l", test.left), ("__mx_r", test.comparators[0])):
                pre.append(ast.Assign([ast.Name(name, ast.Store())], side))
                sides.append(ast.Name(name, ast.Load()))
            flip = not calls(test.left) and calls(test.comparators[0])
            test = ast.Compare(sides[0], test.ops, [sides[1]])
            if flip:
                sides.reverse()
        call = ast.Call(ast.Name("__mx_failed", ast.Load()),
                        [ast.Constant(said), ast.List(sides, ast.Load()),
                         node.msg or ast.Constant(None)], [])
        pre.append(ast.If(ast.UnaryOp(ast.Not(), test), [ast.Raise(call, None)], []))
        return [ast.fix_missing_locations(ast.copy_location(n, node)) for n in pre]


def calls(node):
    return any(isinstance(n, ast.Call) for n in ast.walk(node))


def failed(said, sides, msg):
    x = AssertionError(msg) if msg is not None else AssertionError()
    x._mx_said = said
    x._mx_sides = sides
    return x


def read(source):
    tree = ast.parse(source, FILE)
    return ast.fix_missing_locations(Asserts(source).visit(tree))


def imports(tree):
    """Modules that the code cannot do without."""
    tried = {id(n) for t in ast.walk(tree) if isinstance(t, ast.Try) for n in ast.walk(t)}
    for n in ast.walk(tree):
        if id(n) in tried:
            continue
        if isinstance(n, ast.Import):
            for a in n.names:
                yield a.name.split(".")[0]
        elif isinstance(n, ast.ImportFrom) and n.module and not n.level:
            yield n.module.split(".")[0]


def free_names(trees):
    """Names that the tests use and do not define, as (others, built-in ones)."""
    used, own = set(), set()
    for tree in trees:
        for n in ast.walk(tree):
            if isinstance(n, ast.Name):
                (used if isinstance(n.ctx, ast.Load) else own).add(n.id)
            elif isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                own.add(n.name)
            elif isinstance(n, ast.arg):
                own.add(n.arg)
            elif isinstance(n, (ast.Import, ast.ImportFrom)):
                own.update((a.asname or a.name).split(".")[0] for a in n.names)
            elif isinstance(n, ast.ExceptHandler) and n.name:
                own.add(n.name)
    used -= own
    used.discard("__mx_failed")
    return ({n for n in used if not hasattr(builtins, n)},
            {n for n in used if hasattr(builtins, n)})


# -- tests: how they run

def short(v, n=200):
    if isinstance(v, Handle) or type(v) is RemoteMeta:
        return "<%s object of the answer>" % getattr(type(v), "__name__", "")
    try:
        if isinstance(v, (list, tuple, set, frozenset, dict)) and len(v) > 200:
            import itertools
            some = list(itertools.islice(v, 40))
            r = "%s of %d: %r" % (type(v).__name__, len(v), some)
        elif isinstance(v, (str, bytes)) and len(v) > 2 * n:
            r = repr(v[:2 * n])
        else:
            r = repr(v)
    except BaseException:
        return "<%s that cannot be shown>" % type(v).__name__
    r = plain(r)
    return r if len(r) <= n else r[:n] + "..."


def plain(s):
    """A text without the addresses of objects, which differ from run to run."""
    import re
    return re.sub(r" at 0x[0-9a-f]+", "", s)


class Run:
    """One list of tests, and what became of each."""

    def __init__(self, job, out):
        self.job = job
        self.out = out
        self.n = 0
        self.peer = None
        self.load_error = None
        self.ns = {}

    def say(self, **what):
        data = json.dumps(what).encode("ascii") + b"\n"
        while data:
            data = data[os.write(self.out, data):]

    def connect(self):
        job = self.job
        self.peer = p = Judge(3, job["max_frame"])
        PEER.append(p)
        p.deadline = time.monotonic() + 2 * (job["limit"] + job["grace"])
        self.names = []
        try:
            self.names = p.ask("load", {"name": job["modules"][0], "preamble": job["preamble"],
                                        "prelude": job["prelude"], "limit": job["limit"],
                                        "grace": job["grace"]})
        except Gone:
            pass
        except BaseException as x:
            self.load_error = x
        if type(self.names) is not list or not all(type(n) is str for n in self.names):
            self.names = []
        self.names = set(self.names)

    def fetch(self, name):
        v = self.peer.ask("global", name)
        if type(v) is RemoteFunction and self.peer.ask("async", v) is True:
            return asynchronous(v)
        return v

    def case(self, test, run):
        """Runs one test and says what came of it; False: no other can be run."""
        p = self.peer
        n, self.n = self.n, self.n + 1
        r = {"i": n, "ok": False}
        if test:
            r["test"] = test[:300]
        random.seed(n)
        p.deadline = time.monotonic() + 2 * self.job["limit"]
        try:
            if self.load_error is not None:
                raise self.load_error
            if p.gone:
                raise Gone(p.gone)
            run(r)
            r["ok"] = True
        except Unsupported as x:
            self.say(unsupported=str(x))
            os._exit(0)
        except BaseException as x:
            self.blame(r, x)
        if p.gone and (r["ok"] or r.get("how") != "gone"):
            r["ok"] = False
            self.blame(r, Gone(p.gone))
        self.say(**r)
        return not p.gone and not (self.job["stop"] and not r["ok"])

    def blame(self, r, x):
        r["ok"] = False
        if isinstance(x, Gone):
            r["how"] = "gone"
            r["error"] = str(x)
            return
        said = getattr(x, "_mx_said", None)
        if isinstance(x, Missing):
            r["how"] = "missing"
        elif getattr(x, "_mx_remote", False):
            r["how"] = "load" if x is self.load_error else "raised"
        else:
            r["how"] = "wrong"
        if said is not None:
            r["said"] = said[:300]
            sides = x._mx_sides
            if sides:
                r["got"], r["want"] = short(sides[0]), short(sides[1])
        if not isinstance(x, AssertionError) or getattr(x, "_mx_remote", False) or \
                (said is None and x.args):
            try:
                r["error"] = plain("%s: %s" % (type(x).__name__, x))[:300]
            except BaseException:
                r["error"] = type(x).__name__
            if isinstance(x, NameError) and not getattr(x, "_mx_remote", False):
                r["how"] = "missing"

    # -- the kinds of tests

    def namespace(self, trees, entry):
        wanted, builtin = free_names(trees)
        if entry:
            wanted.add(entry)
        elif not wanted and self.job["mode"] == "asserts":
            wanted = builtin	# what is tested has the name of a built-in function
        wanted = {n for n in wanted if n[:2] != "__"}
        ns = {"__name__": self.peer.tests, "__mx_failed": failed}
        for name in sorted(wanted & self.names):
            try:
                ns[name] = self.fetch(name)
            except (Gone, Refused, Exception):
                pass
        module = type(sys)(self.peer.tests)
        sys.modules[self.peer.tests] = module
        module.__dict__.update(ns)
        self.lend_modules()
        return module.__dict__

    def lend_modules(self):
        """The answer as a module, for tests that import it."""
        run = self

        class Answer(type(sys)):
            def __getattr__(self, name):
                if name == "__all__":
                    return sorted(n for n in run.names if n[:1] != "_")
                if name not in run.names or (name[:2] == "__" and name[-2:] == "__"):
                    raise AttributeError("the answer does not define %s" % name)
                return run.fetch(name)

        for name in self.job["modules"]:
            sys.modules[name] = Answer(name)

    def run_calls(self):
        cases = self.job["cases"]
        read_cases = []
        for n, c in enumerate(cases):
            try:
                read_cases.append(Call(c))
            except ValueError as x:
                raise Invalid("case %d: %s" % (n + 1, x)) from None
        yield
        f = None
        for n, c in enumerate(read_cases):
            def run(r):
                nonlocal f
                f = self.entry(self.job["entry"])
                c.run(f, r, self.job["rtol"], self.job["atol"])
            if not self.case("", run):
                return

    def entry(self, name):
        """The function that is asked for: the answer's own, or a method of its class Solution."""
        if "Solution" in self.names and name not in self.names:
            return getattr(self.peer.ask("global", "Solution")(), name)
        if name not in self.names:
            raise Missing("the answer does not define %s" % name)
        return self.fetch(name)

    def run_asserts(self):
        setup = read(self.job["setup"])
        tests = self.job["tests"]
        trees = []
        for n, t in enumerate(tests):
            try:
                trees.append(read(t))
            except SyntaxError as x:
                raise Invalid("test %d is no Python: %s" % (n + 1, x)) from None
        self.need_modules([setup] + trees)
        code = [compile(t, FILE, "exec") for t in [setup] + trees]
        yield
        ns = self.namespace([setup] + trees, self.job["entry"])
        broken = None
        try:
            if self.load_error is None:
                exec(code[0], ns)
        except BaseException as x:
            broken = x
        for source, c in zip(tests, code[1:]):
            def run(r):
                if broken is not None:
                    raise broken
                exec(c, ns)
            if not self.case(source, run):
                return

    def run_check(self):
        setup, tree = read(self.job["setup"]), read(self.job["tests"][0])
        self.need_modules([setup, tree])
        code = compile(setup, FILE, "exec"), compile(tree, FILE, "exec")
        has_check = any(isinstance(n, ast.FunctionDef) and n.name == "check" for n in tree.body)
        yield
        entry = self.job["entry"]

        def run(r):
            if entry and entry not in self.names:
                raise Missing("the answer does not define %s" % entry)
            ns = self.namespace([setup, tree], entry)
            exec(code[0], ns)
            exec(code[1], ns)
            if has_check:
                ns["check"](ns[entry])
        self.case("", run)

    def run_unit(self):
        setup, tree = read(self.job["setup"]), read(self.job["tests"][0])
        self.need_modules([setup, tree])
        code = compile(setup, FILE, "exec"), compile(tree, FILE, "exec")
        yield
        ns = {}
        tests = []
        if self.load_error is None and not self.peer.gone:
            try:
                ns = self.namespace([setup, tree], self.job["entry"])
                exec(code[0], ns)
                exec(code[1], ns)
                tests = collect(ns, self.peer.tests)
            except Unsupported:
                raise
            except BaseException as x:
                self.load_error = self.load_error or x
        names = [t[0] for t in tests]
        if not tests:
            names = static_names(tree)
            if not names:
                raise Invalid("there is no test in the test file")
        self.say(plan=names)
        for n, name in enumerate(names):
            test = tests[n][1] if tests else None
            if not self.case(name, lambda r: test()):
                return

    def need_modules(self, trees):
        for tree in trees:
            for name in imports(tree):
                if name in self.job["modules"] or name in sys.stdlib_module_names:
                    continue
                if importlib.util.find_spec(name) is not None:
                    continue
                lacks = stand_in(name) and missing_parts(tree, name)
                if lacks != "":
                    raise Invalid("the tests use %s, which is not installed where programs run"
                                  % (lacks or name), "unsupported")


class Invalid(Exception):
    """What is wrong with the tests, whatever the answer."""

    def __init__(self, why, kind="invalid"):
        super().__init__(why)
        self.kind = kind


class Call:
    """A case of a call with values and the value that must come of it."""

    def __init__(self, case):
        self.kwargs = case.get("kwargs") or {}
        if "lines" in case:
            self.args = [self.load(x, "input", x) for x in case["lines"].split("\n") if x.strip()]
        else:
            self.args = case["args"]
        self.loose = case.get("loose", False)
        self.want = case.get("want")
        if "want_text" in case:
            self.want = self.load(case["want_text"], "output", None)
        if self.loose:
            self.args = [rekey(a) for a in self.args] if len(self.args) == 1 else self.args

    @staticmethod
    def load(s, what, bad):
        try:
            return json.loads(s)
        except ValueError:
            raise ValueError("%s is not JSON: %s" % (what, short(s, 60))) from None

    def run(self, f, r, rtol, atol):
        import copy
        args = copy.deepcopy(self.args)
        r["in"] = short(args if len(args) != 1 else args[0])
        got = f(*args, **self.kwargs)
        r["got"], r["want"] = short(got), short(self.want)
        if not self.right(got, rtol, atol):
            raise AssertionError

    def right(self, got, rtol, atol):
        got, want = listed(got), self.want
        if close(got, want, rtol, atol):
            return True
        if not self.loose:
            return False
        return (type(want) is list and len(want) == 1 and close(got, want[0], rtol, atol)) or \
            close(got, rekey(want), rtol, atol)


def rekey(v):
    """JSON's keys are strings; where all of them are whole numbers, numbers were meant."""
    if type(v) is not dict:
        return v
    try:
        return {int(k): x for k, x in v.items()}
    except ValueError:
        return v


def listed(v, depth=0):
    """JSON has one kind of sequence."""
    if type(v) in (list, tuple) or (isinstance(v, tuple) and depth < DEPTH):
        return [listed(x, depth + 1) for x in v]
    if type(v) is dict:
        return {k: listed(x, depth + 1) for k, x in v.items()}
    return v


def close(a, b, rtol, atol):
    """Equal, or numbers near each other where a tolerance is asked for."""
    if rtol == 0 and atol == 0:
        return a == b
    if type(a) is list and type(b) is list:
        return len(a) == len(b) and all(close(x, y, rtol, atol) for x, y in zip(a, b))
    if type(a) is dict and type(b) is dict:
        return a.keys() == b.keys() and all(close(x, b[k], rtol, atol) for k, x in a.items())
    if type(a) in (int, float) and type(b) in (int, float):
        return a == b or abs(a - b) <= atol + rtol * abs(b)
    return a == b


# -- test files

def collect(ns, module):
    """unittest's classes and plain functions test_*, in the file's order: (name, callable)."""
    import unittest
    tests = []
    for name, v in list(ns.items()):
        if isinstance(v, type) and v.__module__ == module:
            if issubclass(v, unittest.TestCase):
                for t in unittest.defaultTestLoader.getTestCaseNames(v):
                    tests.append(("%s.%s" % (name, t), lambda v=v, t=t: run_unittest(v, t)))
            elif name[:4] == "Test":
                for t in v.__dict__:
                    if t[:4] == "test" and callable(v.__dict__[t]):
                        def call(*a, v=v, t=t, **k):
                            return in_class(v, t, a, k)
                        add_function("%s.%s" % (name, t), call, v.__dict__[t], ns, tests)
        elif name[:4] == "test" and callable(v) and getattr(v, "__module__", "") == module:
            add_function(name, v, v, ns, tests)
    return tests


def in_class(v, name, args, kwargs):
    o = v()
    if hasattr(o, "setup_method"):
        o.setup_method(getattr(o, name)) if o.setup_method.__code__.co_argcount > 1 \
            else o.setup_method()
    try:
        return getattr(o, name)(*args, **kwargs)
    finally:
        if hasattr(o, "teardown_method"):
            o.teardown_method(getattr(o, name)) if o.teardown_method.__code__.co_argcount > 1 \
                else o.teardown_method()


def add_function(name, call, f, ns, tests):
    """A function, once for each of its parameter sets."""
    for n, values in enumerate(getattr(f, "_mx_params", [{}])):
        def run(values=values):
            kwargs = dict(values)
            ended = []
            for a in f.__code__.co_varnames[:f.__code__.co_argcount]:
                fixture = ns.get(a)
                if a not in kwargs and hasattr(fixture, "_mx_fixture"):
                    v = fixture()
                    if type(v).__name__ == "generator":
                        ended.append(v)
                        v = next(v)
                    kwargs[a] = v
            call(**kwargs)
            for v in ended:
                for _ in v:
                    pass
        tests.append((name if not values else "%s[%d]" % (name, n), run))


def run_unittest(v, name):
    import unittest
    result = unittest.TestResult()
    result.addFailure = result.addError = lambda test, err: keep(result, err[1])
    result.addSkip = lambda test, why: keep(result, AssertionError("skipped: %s" % why))
    result.addSubTest = lambda test, sub, err: err and keep(result, err[1])
    result.addUnexpectedSuccess = lambda test: keep(result, AssertionError("unexpected success"))
    result.mx_raised = None
    unittest.TestSuite([v(name)]).run(result)
    if result.mx_raised is not None:
        raise result.mx_raised
    if result.testsRun != 1:
        raise AssertionError("the test did not run")


def keep(result, x):
    if result.mx_raised is None:
        result.mx_raised = x


def static_names(tree):
    """What collect would find, from the text alone: for an answer that does not load."""
    names = []
    for n in tree.body:
        if isinstance(n, ast.ClassDef):
            names += ["%s.%s" % (n.name, m.name) for m in n.body
                      if isinstance(m, ast.FunctionDef) and m.name[:4] == "test"]
        elif isinstance(n, ast.FunctionDef) and n.name[:4] == "test":
            names.append(n.name)
    return names


def main():
    import importlib.util		# need_modules asks it
    out = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    with open(0, encoding="utf-8", closefd=False) as f:
        job = json.load(f)
    sys.setrecursionlimit(4000)
    sys.argv[:] = ["tests.py"]
    run = Run(job, out)
    steps = getattr(run, "run_" + job["mode"])()
    try:
        next(steps)
        run.say(ready=True)
        run.connect()
        for _ in steps:
            pass
        run.say(end=run.n)
    except Invalid as x:
        run.say(**{x.kind: str(x)})
    except SyntaxError as x:
        run.say(invalid="the tests are no Python: %s" % x)
    except Unsupported as x:
        run.say(unsupported=str(x))
    os._exit(0)


main()
