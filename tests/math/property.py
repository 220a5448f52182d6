#!/usr/bin/env python3
"""property.py - random expressions, rewritten by identities or disturbed, against SymPy's numbers.

usage: property.py [PROGRAM] [COUNT] [SEED]

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


def rewrite(e):
    """e by an identity."""
    ways = [sp.expand, sp.together, lambda v: sp.expand(sp.together(v)),
            lambda v: v.rewrite(sp.cos) if rng.random() < 0.3 else sp.expand_trig(v),
            lambda v: v.subs(sp.tan(x), sp.sin(x) / sp.cos(x)),
            lambda v: sp.radsimp(v), lambda v: sp.expand(v, log=True), sp.factor_terms,
            lambda v: v * (sp.sin(x) ** 2 + sp.cos(x) ** 2) if rng.random() < 0.5 else v,
            lambda v: (v * (x ** 2 + 1)) / (x ** 2 + 1),
            lambda v: v + sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6, evaluate=False),
            lambda v: sp.factor(v) if len(str(v)) < 100 else v]
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


def main():
    rows = []
    while len(rows) < COUNT:
        e = rng.choice([constant, rational, function])(rng.randint(1, 4))
        try:
            if e.has(sp.nan, sp.zoo, sp.oo) or len(str(e)) > 300:
                continue
            other = rewrite(e) if rng.random() < 0.5 else disturb(e)
            if other.has(sp.nan, sp.zoo, sp.oo) or len(str(other)) > 2000:
                continue
            d = differ(e, other)
            if d is None:
                continue
            rows.append((prefix(e), prefix(other), not d))
        except (ValueError, TypeError, RecursionError):
            continue
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
