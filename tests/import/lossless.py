# lossless.py - RAW.jsonl OUT.jsonl: every text, number and truth value of a raw row is somewhere in its
# sample. A text may be part of a longer one (an instruction and its input), an id may have become a text.
import json
import sys


def leaves(v):
    if isinstance(v, dict):
        for x in v.values():
            yield from leaves(x)
    elif isinstance(v, list):
        for x in v:
            yield from leaves(x)
    elif v is not None:
        yield v


lost = 0
with open(sys.argv[1]) as raw, open(sys.argv[2]) as out:
    for number, (a, b) in enumerate(zip(raw, out, strict=True), 1):
        there = list(leaves(json.loads(b)))
        values = {json.dumps(x) for x in there}
        texts = "\0".join(x for x in there if isinstance(x, str))
        for x in leaves(json.loads(a)):
            text = x if isinstance(x, str) else json.dumps(x)
            if json.dumps(x) in values or text in texts:
                continue
            lost += 1
            if lost <= 10:
                print(f"{sys.argv[1]}:{number}: {text[:80]} is lost")
sys.exit(1 if lost else 0)
