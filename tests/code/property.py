#!/usr/bin/env python3
"""property.py - random texts, compared by code.patch_similarity's search and by Python's difflib.

usage: property.py PROGRAM [COUNT] [SEED]

PROGRAM is tests/unit/test_code_ratio or test_code_ratio_index, which answer pairs of texts when
their argument is "-". Every ratio must be difflib's to the last bit.
"""
import difflib
import random
import subprocess
import sys

PROGRAM = sys.argv[1]
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
rng = random.Random(SEED)

ALPHABETS = ["ab", "abc", "abcdefgh", " abcdefghijklmnopqrstuvwxyz\n()=:_", "\u00e9a\u6f22b\U0001d4b3c",
             "".join(map(chr, range(32, 127)))]
SIZES = [0, 1, 2, 5, 20, 60, 199, 200, 201, 300, 600]


def text(alphabet):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(0, rng.choice(SIZES))))


def mutated(a, alphabet):
    """a with pieces dropped, doubled, moved and changed."""
    b = list(a)
    for _ in range(rng.randint(0, 8)):
        if not b:
            break
        at = rng.randrange(len(b))
        to = min(len(b), at + rng.randint(1, 30))
        kind = rng.randint(0, 3)
        if kind == 0:
            del b[at:to]
        elif kind == 1:
            b[at:at] = b[at:to]
        elif kind == 2:
            b[at] = rng.choice(alphabet + "z")
        else:
            where = rng.randint(0, len(b))
            b[where:where] = b[at:to]
    return "".join(b)


pairs = []
for _ in range(COUNT):
    alphabet = rng.choice(ALPHABETS)
    a = text(alphabet)
    b = mutated(a, alphabet) if rng.random() < 0.6 else text(alphabet)
    pairs.append((rng.randint(0, 1), a, b))

asked = b""
for autojunk, a, b in pairs:
    raw_a, raw_b = a.encode(), b.encode()
    asked += b"%d %d %d\n" % (autojunk, len(raw_a), len(raw_b)) + raw_a + raw_b
answered = subprocess.run([PROGRAM, "-"], input=asked, stdout=subprocess.PIPE, check=True)
ours = [float(x) for x in answered.stdout.split()]
wrong = 0
if len(ours) != len(pairs):
    sys.exit("%d answers to %d questions" % (len(ours), len(pairs)))
for (autojunk, a, b), got in zip(pairs, ours):
    want = difflib.SequenceMatcher(None, a, b, autojunk=bool(autojunk)).ratio()
    if got != want:
        wrong += 1
        if wrong <= 5:
            print("autojunk %d: %r %r: %r, not %r" % (autojunk, a, b, got, want))
print("%d pairs, %d wrong" % (len(pairs), wrong))
sys.exit(1 if wrong else 0)
