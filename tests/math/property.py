#!/usr/bin/env python3
"""property.py - random expressions, rewritten by identities or disturbed, against SymPy's numbers.

usage: property.py [PROGRAM] [COUNT] [SEED] [-v]

Values: constants, nested radicals, logarithms, complex numbers, rational functions in three
symbols, trigonometry. Made of values: equations up to a factor, inequalities, sets, tuples,
intervals, matrices.

PROGRAM is tests/unit/test_math_equal, which answers lines when its argument is "-". What an identity
made from an expression must be equal; what a disturbance made, and SymPy evaluates to another
number, must not be. "Undecided" is counted and bounded. For maintainers: exits 77 (skipped) without
SymPy.
"""
import random
import subprocess
import sys

try:
    import sympy as sp
    from sympy.simplify import fu
except ImportError:
    print("property.py: SymPy is not installed: skipped")
    sys.exit(77)

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "tests/unit/test_math_equal"
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
rng = random.Random(SEED)
x, y, z = sp.symbols("x y z", real=True)

NAMES = {sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.exp: "exp", sp.log: "ln",
         sp.Abs: "abs", sp.cot: "cot", sp.sec: "sec", sp.csc: "csc", sp.asin: "arcsin",
         sp.acos: "arccos", sp.atan: "arctan", sp.sinh: "sinh", sp.cosh: "cosh",
         sp.tanh: "tanh", sp.factorial: "factorial", sp.re: "re", sp.im: "im",
         sp.conjugate: "conj", sp.sign: "sgn", sp.binomial: "binom", sp.floor: "floor"}


def prefix(e):
    """SymPy's tree in the test program's prefix form, sums and products shuffled."""
    if e.is_Integer:
        return str(e) if e >= 0 else "(- %s)" % -e
    if e.is_Rational:
        s = "(/ %d %d)" % (abs(e.p), e.q)
        return s if e >= 0 else "(- %s)" % s
    if e is sp.pi:
        return "pi"
    if e is sp.E:
        return "e"
    if e is sp.I:
        return "i"
    if e.is_Symbol:
        return e.name
    if e.is_Add or e.is_Mul:
        args = [prefix(a) for a in e.args]
        rng.shuffle(args)
        return "(%s %s)" % ("+" if e.is_Add else "*", " ".join(args))
    if e.is_Pow:
        if e.exp == sp.Rational(1, 2) and rng.random() < 0.7:
            return "(sqrt %s)" % prefix(e.base)
        if e.exp == -1 and rng.random() < 0.7:
            return "(/ 1 %s)" % prefix(e.base)
        return "(^ %s %s)" % (prefix(e.base), prefix(e.exp))
    if e.func in NAMES:
        return "(%s %s)" % (NAMES[e.func], " ".join(prefix(a) for a in e.args))
    raise ValueError(e.func)


def number():
    return rng.choice([sp.Integer(rng.randint(1, 12)), sp.Integer(-rng.randint(1, 9)),
                       sp.Rational(rng.randint(1, 9), rng.randint(2, 9))])


def constant(depth):
    k = rng.random()
    if depth == 0 or k < 0.15:
        return number()
    if k < 0.4:
        return constant(depth - 1) + constant(depth - 1)
    if k < 0.6:
        return constant(depth - 1) * constant(depth - 1)
    if k < 0.75:
        return sp.sqrt(abs(rng.randint(2, 30)))
    if k < 0.8:
        return sp.pi * number()
    if k < 0.85:
        return sp.log(rng.randint(2, 30))
    if k < 0.9:
        return sp.sin(sp.pi * sp.Rational(rng.randint(1, 11), rng.choice([3, 4, 5, 6, 8, 12])))
    if k < 0.95:
        return sp.exp(number())
    return 1 / (sp.sqrt(rng.randint(2, 9)) + rng.randint(3, 9))


def rational(depth):
    k = rng.random()
    if depth == 0 or k < 0.2:
        return rng.choice([x, y, z, x, number()])
    if k < 0.5:
        return rational(depth - 1) + rational(depth - 1)
    if k < 0.75:
        return rational(depth - 1) * rational(depth - 1)
    if k < 0.9:
        return rational(depth - 1) ** rng.randint(2, 3)
    return rational(depth - 1) / (rng.choice([x, y]) ** 2 + rng.randint(1, 5))


def function(depth):
    k = rng.random()
    if depth == 0 or k < 0.15:
        return rng.choice([x, y, number()])
    if k < 0.4:
        return function(depth - 1) + function(depth - 1)
    if k < 0.6:
        return function(depth - 1) * function(depth - 1)
    if k < 0.9:
        f = rng.choice([sp.sin, sp.cos, sp.tan, sp.exp, sp.atan, sp.sinh])
        return f(rng.choice([x, y, x + y, 2 * x, x - y, x / 2]))
    if k < 0.95:
        return sp.log(rng.choice([x ** 2 + 1, y ** 2 + 2, sp.exp(x) + 1]))
    return sp.sqrt(rng.choice([x ** 2 + 1, y ** 2 + x ** 2 + 2]))


def radical(depth):
    """Roots of what is a square or a cube, though one has to see it."""
    b, c = rng.randint(1, 5), rng.choice([2, 3, 5, 6, 7, 10, 11])
    a = rng.randint(1, 9)
    k = rng.random()
    if k < 0.35:
        return sp.sqrt(sp.expand((a + b * sp.sqrt(c)) ** 2), evaluate=False)
    if k < 0.5:
        return sp.cbrt(sp.expand((a + b * sp.sqrt(c)) ** 3), evaluate=False)
    if k < 0.7:
        return sp.sqrt(a + sp.sqrt(c)) * sp.sqrt(a + b + sp.sqrt(c))
    if k < 0.85:
        return (a + sp.sqrt(c)) / (b + a * sp.sqrt(c))
    return radical(0) + radical(0) if depth > 0 else sp.sqrt(a * a * c)


def logarithm(depth):
    k = rng.random()
    n, m = rng.randint(2, 40), rng.randint(2, 12)
    if depth == 0 or k < 0.3:
        return sp.log(n)
    if k < 0.5:
        return sp.log(n) / sp.log(m)
    if k < 0.8:
        return logarithm(depth - 1) + number() * logarithm(depth - 1)
    if k < 0.9:
        return sp.exp(logarithm(0) * rng.randint(1, 3))
    return sp.log(sp.sqrt(n) * m)


def gaussian(depth):
    k = rng.random()
    if depth == 0 or k < 0.3:
        return number() + sp.I * number()
    if k < 0.5:
        return gaussian(depth - 1) * gaussian(depth - 1)
    if k < 0.65:
        return gaussian(depth - 1) + gaussian(depth - 1)
    if k < 0.75:
        return gaussian(0) ** rng.randint(2, 5)
    if k < 0.85:
        return sp.Abs(gaussian(0), evaluate=False)
    if k < 0.95:
        return sp.exp(sp.I * sp.pi * sp.Rational(rng.randint(1, 11), rng.choice([2, 3, 4, 6])),
                      evaluate=False)
    return gaussian(depth - 1) / gaussian(0)


def quotients(depth):
    """Rational functions of three symbols."""
    k = rng.random()
    v = rng.choice([x, y, z])
    if depth == 0 or k < 0.1:
        return v + number()
    if k < 0.5:
        return quotients(depth - 1) + number() / (v ** rng.randint(1, 2) + rng.randint(1, 4))
    if k < 0.75:
        return quotients(depth - 1) * (v + number())
    return quotients(depth - 1) / (quotients(0) ** 2 + 1)


def waves(depth):
    k = rng.random()
    t = rng.choice([x, 2 * x, 3 * x, x + y, x - y, y / 2])
    if depth == 0 or k < 0.3:
        return rng.choice([sp.sin, sp.cos])(t) ** rng.randint(1, 3)
    if k < 0.6:
        return waves(depth - 1) * waves(depth - 1)
    if k < 0.9:
        return waves(depth - 1) + number() * waves(depth - 1)
    return sp.tan(t)


def rewrite(e):
    """e by an identity."""
    ways = [sp.expand, sp.together, lambda v: sp.expand(sp.together(v)),
            lambda v: v.rewrite(sp.cos) if rng.random() < 0.3 else sp.expand_trig(v),
            lambda v: v.subs(sp.tan(x), sp.sin(x) / sp.cos(x)),
            lambda v: sp.radsimp(v), lambda v: sp.expand(v, log=True), sp.factor_terms,
            lambda v: v * (sp.sin(x) ** 2 + sp.cos(x) ** 2) if rng.random() < 0.5 else v,
            lambda v: (v * (x ** 2 + 1)) / (x ** 2 + 1),
            lambda v: v + sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6, evaluate=False),
            lambda v: sp.factor(v) if len(str(v)) < 100 else v,
            lambda v: sp.apart(v, x) if len(str(v)) < 80 else v,
            lambda v: sp.cancel(v) if len(str(v)) < 100 else v,
            lambda v: sp.sqrtdenest(v), lambda v: sp.expand(v, complex=True) if v.has(sp.I) else v,
            lambda v: fu.TR8(v), lambda v: fu.TR7(v), lambda v: fu.TR11(v),
            lambda v: sp.logcombine(v, force=True) if v.is_number else v]
    for _ in range(rng.randint(1, 3)):
        try:
            e = rng.choice(ways)(e)
        except Exception:
            pass
    return e


def disturb(e):
    """e with one leaf changed."""
    leaves = [a for a in sp.preorder_traversal(e) if a.is_Rational or a.is_Symbol]
    if not leaves:
        return e + 1
    leaf = rng.choice(leaves)
    other = leaf + rng.choice([1, sp.Rational(1, 1000), -1]) if leaf.is_Rational else \
        rng.choice([-leaf, 2 * leaf, leaf + 1])
    done = [False]

    def walk(v):
        if v == leaf and not done[0]:
            done[0] = True
            return other
        if not v.args:
            return v
        return v.func(*[walk(a) for a in v.args])

    return walk(e)


def differ(a, b):
    """True if SymPy's numbers differ for sure, False if they agree at every point tried."""
    known = False
    for _ in range(4):
        at = {s: sp.Rational(rng.randint(1, 900), 1000) for s in (x, y, z)}
        try:
            d = sp.N((a - b).subs(at), 40)
            m = sp.N(a.subs(at), 40)
        except Exception:
            continue
        if not d.is_number or d.has(sp.nan, sp.zoo, sp.oo):
            continue
        known = True
        if abs(d) > sp.Float("1e-25") * (1 + abs(m)):
            return True
    return False if known else None


FAMILIES = [constant, rational, function, radical, logarithm, gaussian, quotients, waves]


def pair(families=FAMILIES, depth=4):
    """An expression and what became of it, and whether they are the same; None for a bad draw."""
    e = rng.choice(families)(rng.randint(1, depth))
    if e.has(sp.nan, sp.zoo, sp.oo) or len(str(e)) > 300:
        return None
    other = rewrite(e) if rng.random() < 0.5 else disturb(e)
    if other.has(sp.nan, sp.zoo, sp.oo) or len(str(other)) > 2000:
        return None
    d = differ(e, other)
    return None if d is None else (e, other, not d)


def real_value(e):
    v = sp.N(e, 30)
    return v if v.is_Float or v.is_Rational else None


def equation():
    """w + e = f against c (f' - e' - w) = 0, which has another solution if either is another."""
    p, c = pair([rational, quotients, constant], 2), number()
    f = rational(1)
    if p is None:
        return None
    left = "(= (+ w %s) %s)" % (prefix(p[0]), prefix(f))
    right = "(= (* %s (- (- %s %s) w)) 0)" % (prefix(c), prefix(f), prefix(p[1]))
    return left, right, p[2]


def inequality():
    p, c = pair([rational, constant], 2), number()
    if p is None:
        return None
    flip = rng.random() < 0.3
    rel = "<" if (c > 0) != flip else ">"
    return ("(< (+ w %s) y)" % prefix(p[0]),
            "(%s (* %s (+ w %s)) (* %s y))" % (rel, prefix(c), prefix(p[1]), prefix(c)),
            p[2] and not flip)


def members(kind, shuffled):
    ps = [pair([constant, radical, logarithm], 2) for _ in range(rng.randint(2, 4))]
    if None in ps:
        return None
    values = [real_value(p[0]) for p in ps]
    if None in values or any(abs(a - b) < sp.Float("1e-9") for i, a in enumerate(values)
                             for b in values[:i]):
        return None
    same = all(p[2] for p in ps)
    if not same and shuffled:       # another value may be one of the others
        new = [real_value(p[1]) for p in ps]
        if None in new:
            return None
        same = all(any(abs(a - b) < sp.Float("1e-20") for b in values) for a in new) and \
            all(any(abs(a - b) < sp.Float("1e-20") for b in new) for a in values)
    left = [prefix(p[0]) for p in ps]
    right = [prefix(p[1]) for p in ps]
    if shuffled:
        rng.shuffle(right)
    elif rng.random() < 0.3:
        right = right[1:] + right[:1]
        same = False if all(p[2] for p in ps) else None
        if same is None:
            return None
    return "(%s %s)" % (kind, " ".join(left)), "(%s %s)" % (kind, " ".join(right)), same


def interval():
    p, r = pair([constant, radical], 2), pair([constant, logarithm], 2)
    if p is None or r is None:
        return None
    a, b, c, d = (real_value(v) for v in (p[0], r[0], p[1], r[1]))
    if None in (a, b, c, d) or not a < b - sp.Float("1e-9") or not c < d:
        return None
    ends = rng.choice(["oo", "cc", "oc", "co"])
    other = ends if rng.random() < 0.8 else rng.choice(["oo", "cc"])
    rel = {"oo": "(< %s t %s)", "cc": "(<= %s t %s)"}
    right = rel[other] if other in rel and rng.random() < 0.3 else "(" + other + " %s %s)"
    return ("(%s %s %s)" % (ends, prefix(p[0]), prefix(r[0])),
            right % (prefix(p[1]), prefix(r[1])), p[2] and r[2] and ends == other)


def matrix():
    a, b = (sp.Matrix(2, 2, [rng.choice([number(), x, y, sp.sqrt(rng.randint(2, 9))])
                             for _ in range(4)]) for _ in range(2))
    product = a * b
    same = rng.random() < 0.6
    cells = [rewrite(v) for v in product]
    if not same:
        i = rng.randrange(4)
        cells[i] = disturb(product[i])
        if differ(product[i], cells[i]) is not True:
            return None
    mat = "(mat 2 2 %s)"
    return ("(* %s %s)" % (mat % " ".join(prefix(v) for v in a), mat % " ".join(prefix(v) for v in b)),
            mat % " ".join(prefix(v) for v in cells), same)


def row():
    k = rng.random()
    if k < 0.6:
        p = pair()
        return p and (prefix(p[0]), prefix(p[1]), p[2])
    if k < 0.7:
        return equation()
    if k < 0.77:
        return inequality()
    if k < 0.83:
        return members(rng.choice(["set", "list"]), True)
    if k < 0.87:
        return members("tuple", False)
    if k < 0.94:
        return interval()
    return matrix()


def main():
    rows = []
    while len(rows) < COUNT:
        try:
            r = row()
        except (ValueError, TypeError, RecursionError, AttributeError, NotImplementedError,
                sp.PolynomialError, ZeroDivisionError):
            continue
        if r:
            rows.append(r)
    text = "".join("%s|%s\n%s|%s\n" % (a, b, b, a) for a, b, _ in rows)
    run = subprocess.run([PROGRAM, "-"], input=text, capture_output=True, text=True)
    if run.returncode != 0:
        print("the program ended with", run.returncode, run.stderr[-2000:])
        return 1
    out = run.stdout.splitlines()
    wrong = undecided = unlike = 0
    for i, (a, b, same) in enumerate(rows):
        verdict, rule = out[2 * i].split("|", 1)
        back = out[2 * i + 1].split("|", 1)[0]
        if verdict != back:
            unlike += 1
            print("not symmetric: %s %s: %s | %s" % (verdict, back, a, b))
        if verdict == "UNDECIDED":
            undecided += 1
            if "-v" in sys.argv:
                print("undecided (%s): %s | %s" % (rule, a, b))
        elif verdict != ("YES" if same else "NO"):
            wrong += 1
            print("wrong: %s (%s), SymPy: %s: %s | %s" % (verdict, rule, same, a, b))
    print("%d pairs (%d equal): %d wrong, %d not symmetric, %d undecided" %
          (len(rows), sum(r[2] for r in rows), wrong, unlike, undecided))
    return 1 if wrong or unlike or undecided > len(rows) // 100 else 0


sys.exit(main())
