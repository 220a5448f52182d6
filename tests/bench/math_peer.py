#!/usr/bin/env python3
"""Math-Verify on the same rows as bench_math: warm, one process, each row parsed and verified.

usage: math_peer.py FILE.jsonl.gz

Prints one line, "VERSION PASSES P50 P90 P99 MAX TOTAL RIGHT" with times in microseconds, for bench_math
to read (TOTAL: of the rows' medians); nothing and exit status 77 where Math-Verify is not installed."""
import gzip
import json
import logging
import sys
import time
from importlib import metadata

try:
    from math_verify import parse, verify
except ImportError:
    sys.exit(77)

logging.disable(logging.CRITICAL)
with gzip.open(sys.argv[1], "rt", encoding="utf-8") as f:
    rows = [json.loads(line) for line in f]


def once(row):
    start = time.perf_counter()
    try:
        right = verify(parse(row["gold"]), parse(row["pred"]))
    except Exception:
        right = False
    return (time.perf_counter() - start) * 1e6, right


for row in rows:
    once(row)
PASSES = 3
results = [once(row) for _ in range(PASSES) for row in rows]
total = sum(sorted(t for t, _ in results[i::len(rows)])[PASSES // 2] for i in range(len(rows)))
times = sorted(t for t, _ in results)
right = sum(r == bool(row["expected"]) for (_, r), row in zip(results, rows))


def at(share):
    return times[min(len(times) - 1, int(share * len(times)))]


print(metadata.version("math-verify"), PASSES, *(f"{at(s):.1f}" for s in (0.5, 0.9, 0.99)),
      f"{times[-1]:.1f}", f"{total:.1f}", right)
